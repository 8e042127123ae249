package io.mlflowexporter.cost.usage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which runs use one machine together, and when. The runs of a machine fall into clusters that do not overlap in time; when
 * a run comes, goes or changes, only the parts of its own cluster become others. So what is kept of all other runs stays as
 * it is, to the last bit.
 */
public final class SharedMachines {
    /** Runs of one machine of which each overlaps another in time, and how they share it. */
    private static final class Cluster {
        private final long fromMillis;
        private final MachineShare share;
        private final int[] rows;
        private long untilMillis;

        Cluster(List<Member> members) {
            fromMillis = members.get(0).from();
            share = members.size() == 1
                    ? MachineShare.WHOLE
                    : MachineShare.of(
                            members.stream().map(member -> member.times).toList());
            rows = members.stream().mapToInt(member -> member.row).toArray();
            for (Member member : members) {
                untilMillis = Math.max(untilMillis, member.until());
                member.cluster = this;
            }
        }
    }

    private static final class Member {
        private final int row;
        private final String machine;
        private final long[] times;
        private @Nullable Cluster cluster;

        Member(int row, String machine, long[] times) {
            this.row = row;
            this.machine = machine;
            this.times = times;
        }

        long from() {
            return times[0];
        }

        long until() {
            return times[times.length - 1];
        }
    }

    private final Map<Integer, Member> members = new HashMap<>();
    /** By machine, by the clusters' beginnings. */
    private final Map<String, TreeMap<Long, Cluster>> machines = new HashMap<>();
    /** By machine, the rows that are in no cluster yet. */
    private final Map<String, TreeSet<Integer>> loose = new HashMap<>();

    /**
     * Takes in how a run uses a machine from now on. Until {@link #settle} each run's share is what it was.
     *
     * @param machine empty for one of its own
     * @param times as {@link MachineShare#of} takes them; empty for none
     * @param others told of the rows whose share becomes another, before it does, the row itself possibly among them
     */
    public void put(int row, String machine, long[] times, IntConsumer others) {
        boolean shares = !machine.isEmpty() && times.length > 0;
        Member before = members.get(row);
        if (before == null ? !shares : before.machine.equals(machine) && Arrays.equals(before.times, times)) {
            return;
        }
        if (before != null) {
            if (before.cluster != null) {
                dissolve(before.machine, before.cluster, others);
            }
            remove(before);
        }
        if (shares) {
            Member member = new Member(row, machine, times);
            members.put(row, member);
            TreeMap<Long, Cluster> clusters = machines.getOrDefault(machine, new TreeMap<>());
            // Clusters do not overlap: of those that begin before the run's end the latest ones end last.
            for (var last = clusters.lowerEntry(member.until());
                    last != null && last.getValue().untilMillis > member.from();
                    last = clusters.lowerEntry(member.until())) {
                dissolve(machine, last.getValue(), others);
            }
            loose.computeIfAbsent(machine, key -> new TreeSet<>()).add(row);
        }
    }

    private void remove(Member member) {
        members.remove(member.row);
        TreeSet<Integer> rows = loose.get(member.machine);
        if (rows != null) {
            rows.remove(member.row);
        }
    }

    private void dissolve(String machine, Cluster cluster, IntConsumer others) {
        for (int row : cluster.rows) {
            others.accept(row);
        }
        TreeMap<Long, Cluster> clusters = machines.get(machine);
        if (clusters != null) {
            clusters.remove(cluster.fromMillis);
        }
        TreeSet<Integer> rows = loose.computeIfAbsent(machine, key -> new TreeSet<>());
        for (int row : cluster.rows) {
            Member member = members.get(row);
            if (member != null) {
                member.cluster = null;
                rows.add(row);
            }
        }
    }

    /** From now on shares are by all that was {@link #put}. */
    public void settle() {
        loose.forEach((machine, rows) -> {
            List<Member> alone = new ArrayList<>(rows.stream().map(members::get).toList());
            alone.sort(Comparator.comparingLong(Member::from).thenComparingInt(member -> member.row));
            TreeMap<Long, Cluster> clusters = machines.computeIfAbsent(machine, key -> new TreeMap<>());
            for (int i = 0; i < alone.size(); ) {
                int first = i;
                long until = alone.get(i).until();
                for (i++; i < alone.size() && alone.get(i).from() < until; i++) {
                    until = Math.max(until, alone.get(i).until());
                }
                Cluster cluster = new Cluster(alone.subList(first, i));
                clusters.put(cluster.fromMillis, cluster);
            }
            if (clusters.isEmpty()) {
                machines.remove(machine);
            }
        });
        loose.clear();
    }

    /** The share of a row's run, as of the last {@link #settle}. */
    public MachineShare of(int row) {
        Member member = members.get(row);
        return member == null || member.cluster == null ? MachineShare.WHOLE : member.cluster.share;
    }
}

package io.mlflowexporter.exposition;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.KeyedHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One family's share of the series budget: which groups, that is values of the fold label within a workspace, have
 * series of their own. Remembers its choice from one refresh to the next, restarts included, for a counter that moved into or out of
 * {@code _other} would fall or jump. Only where the smallest are left out of a gauge, nothing can fall, and the largest
 * are chosen anew each time.
 */
final class FamilyFold {
    private record Group(String workspace, String value) implements Comparable<Group> {
        private static final Comparator<Group> ORDER =
                Comparator.comparing(Group::value).thenComparing(Group::workspace);

        @Override
        public int hashCode() {
            return KeyedHash.place(workspace, value);
        }

        @Override
        public int compareTo(Group other) {
            return ORDER.compare(this, other);
        }
    }

    private record Ranked(Group group, List<SeriesKey> series, double contribution) {}

    private final Set<Group> named = new HashSet<>();
    private final Set<Group> folded = new HashSet<>();
    private boolean pinned;

    void write(FieldWriter out) throws IOException {
        write(out, "named", named);
        write(out, "folded", folded);
    }

    private static void write(FieldWriter out, String name, Set<Group> groups) throws IOException {
        out.list(name, groups, (element, group) -> {
            element.text("workspace", group.workspace());
            element.text("value", group.value());
        });
    }

    /** Reads what was written, and the family's name, which it returns. */
    String read(FieldReader in) throws IOException {
        String family = "";
        while (in.next()) {
            switch (in.name()) {
                case "family" -> family = in.text();
                case "named" -> named.addAll(in.list(FamilyFold::group));
                case "folded" -> folded.addAll(in.list(FamilyFold::group));
                default -> {
                    // Of another version.
                }
            }
        }
        return family;
    }

    private static Group group(FieldReader in) throws IOException {
        Fields fields = in.fields();
        return new Group(fields.text("workspace"), fields.text("value"));
    }

    /** From now on a group's place stays its own while it has no series. */
    void pin() {
        pinned = true;
    }

    /**
     * Folds.
     *
     * @param samples with distinct labels
     * @param budget series at most when a group is admitted; more where the family's named groups grow later, or where
     *     {@code _other} alone needs more
     */
    Result fold(FamilyDeclaration declaration, Map<SeriesKey, Sample> samples, int budget) {
        int at = declaration.labels().indexOf(declaration.fold().label());
        if (at < 0) {
            return new Result(List.copyOf(samples.values()), 0);
        }
        Map<Group, List<SeriesKey>> groups = new LinkedHashMap<>();
        for (SeriesKey labels : samples.keySet()) {
            Group group = new Group(labels.workspace(), labels.values().get(at));
            groups.computeIfAbsent(group, g -> new ArrayList<>()).add(labels);
        }
        choose(declaration, samples, groups, at, budget);
        return publish(declaration, samples, groups, at);
    }

    private void choose(
            FamilyDeclaration declaration,
            Map<SeriesKey, Sample> samples,
            Map<Group, List<SeriesKey>> groups,
            int at,
            int budget) {
        boolean cumulative = declaration.type() == FamilyDeclaration.Type.COUNTER
                || declaration.type() == FamilyDeclaration.Type.HISTOGRAM;
        if (!cumulative && !declaration.fold().intoOther()) {
            named.clear();
            folded.clear();
        }
        if (!pinned) {
            named.retainAll(groups.keySet());
            folded.retainAll(groups.keySet());
        }
        if (folded.isEmpty() && samples.size() <= budget) {
            named.addAll(groups.keySet());
            return;
        }
        int namedSeries = 0;
        List<Ranked> fresh = new ArrayList<>();
        Map<SeriesKey, Integer> others = new HashMap<>();
        SampleMerge merge = new SampleMerge(declaration);
        for (Map.Entry<Group, List<SeriesKey>> entry : groups.entrySet()) {
            List<SeriesKey> series = entry.getValue();
            if (named.contains(entry.getKey())) {
                namedSeries += series.size();
                continue;
            }
            if (declaration.fold().intoOther()) {
                series.forEach(labels -> others.merge(labels.folded(at), 1, Integer::sum));
            }
            if (!folded.contains(entry.getKey())) {
                List<Sample> values = series.stream().map(samples::get).toList();
                fresh.add(new Ranked(entry.getKey(), series, merge.contribution(values)));
            }
        }
        fresh.sort(Comparator.comparingDouble(Ranked::contribution)
                .reversed()
                .thenComparing(r -> r.group().workspace())
                .thenComparing(r -> r.group().value()));
        for (Ranked candidate : fresh) {
            // Room is kept for the combinations that stay in _other once this group has left it.
            int othersLeft = others.size();
            for (SeriesKey labels : candidate.series()) {
                if (others.getOrDefault(labels.folded(at), 0) == 1) {
                    othersLeft--;
                }
            }
            if (namedSeries + candidate.series().size() + othersLeft <= budget) {
                named.add(candidate.group());
                namedSeries += candidate.series().size();
                candidate
                        .series()
                        .forEach(labels -> others.computeIfPresent(labels.folded(at), (l, n) -> n == 1 ? null : n - 1));
            } else {
                folded.add(candidate.group());
            }
        }
    }

    private Result publish(
            FamilyDeclaration declaration, Map<SeriesKey, Sample> samples, Map<Group, List<SeriesKey>> groups, int at) {
        List<Sample> published = new ArrayList<>(samples.size());
        // Sorted, so that a sum is always made in the same order; see SampleMerge.
        TreeMap<SeriesKey, List<SeriesKey>> others = new TreeMap<>(SeriesKey.ORDER);
        int dropped = 0;
        for (Map.Entry<Group, List<SeriesKey>> entry : groups.entrySet()) {
            for (SeriesKey labels : entry.getValue()) {
                if (named.contains(entry.getKey())) {
                    published.add(samples.get(labels));
                    continue;
                }
                dropped++;
                if (declaration.fold().intoOther()) {
                    others.computeIfAbsent(labels.folded(at), l -> new ArrayList<>())
                            .add(labels);
                }
            }
        }
        SampleMerge merge = new SampleMerge(declaration);
        others.forEach((other, members) -> {
            members.sort(SeriesKey.ORDER);
            published.add(merge.merge(other, members.stream().map(samples::get).toList()));
        });
        return new Result(List.copyOf(published), dropped);
    }

    /** What is published and how many series are not. */
    record Result(List<Sample> samples, int dropped) {}
}

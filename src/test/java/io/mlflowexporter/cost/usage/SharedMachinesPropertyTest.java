package io.mlflowexporter.cost.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** At each moment a machine's time is split equally among the runs that use it: held to a plain sweep in decimals. */
final class SharedMachinesPropertyTest {
    private static final long SINCE = 1_772_000_000_000L;

    /** A run comes, changes or, without times, goes. */
    record Change(int row, String machine, List<Long> times) {
        long[] array() {
            return times.stream().mapToLong(Long::longValue).toArray();
        }
    }

    @Provide
    Arbitrary<Change> change() {
        Arbitrary<List<Long>> times = Combinators.combine(
                        Arbitraries.longs().between(0, 5_000).list().ofSize(4).uniqueElements(),
                        Arbitraries.of(0, 2, 2, 4),
                        Arbitraries.integers().between(0, 5),
                        Arbitraries.of(1L, 977L, 86_400_000L))
                .as((moments, size, open, unit) -> {
                    List<Long> some = new ArrayList<>(moments.stream()
                            .limit(size)
                            .map(moment -> SINCE + moment * unit)
                            .sorted()
                            .toList());
                    if (size > 0 && open == 0) {
                        some.set(size - 1, Long.MAX_VALUE);
                    }
                    return some;
                });
        return Combinators.combine(Arbitraries.integers().between(0, 11), Arbitraries.of("", "a", "a", "b"), times)
                .as(Change::new);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void eachHasItsPartOfEachMomentAndNoOtherPartChangesUnnoticed(
            @ForAll @Size(min = 1, max = 40) List<@net.jqwik.api.From("change") Change> changes) {
        SharedMachines machines = new SharedMachines();
        Map<Integer, Change> now = new HashMap<>();
        for (Change change : changes) {
            Map<Integer, MachineShare> before = new HashMap<>();
            now.keySet().forEach(row -> before.put(row, machines.of(row)));
            Set<Integer> others = new HashSet<>();
            machines.put(change.row(), change.machine(), change.array(), row -> {
                others.add(row);
                assertThat(machines.of(row)).as("not before it is said").isSameAs(before.get(row));
            });
            machines.settle();
            now.put(change.row(), change);
            now.forEach((row, run) -> {
                if (row != change.row() && !others.contains(row)) {
                    assertThat(machines.of(row)).isSameAs(before.get(row));
                }
                sharesAsTheyShould(machines.of(row), run, now.values());
            });
        }
    }

    private static void sharesAsTheyShould(MachineShare share, Change run, Iterable<Change> all) {
        List<Change> together = new ArrayList<>();
        all.forEach(other -> {
            if (other.row() == run.row()
                    || (!run.machine().isEmpty() && other.machine().equals(run.machine()))) {
                together.add(other);
            }
        });
        long[] moments = together.stream()
                .flatMapToLong(other -> LongStream.of(other.array()))
                .distinct()
                .sorted()
                .toArray();
        long afterAll = LongStream.of(moments)
                        .filter(moment -> moment < Long.MAX_VALUE)
                        .max()
                        .orElse(0)
                + 12_345;
        for (int i = 0; i < run.times().size(); i += 2) {
            long from = run.times().get(i);
            long until = Math.min(run.times().get(i + 1), afterAll);
            for (long begin : new long[] {from, from + (until - from) / 3}) {
                for (long end : new long[] {until, until - (until - begin) / 5}) {
                    BigDecimal expected = plain(begin, end, moments, together);
                    assertThat(share.millis(begin, end))
                            .isCloseTo(expected.doubleValue(), within(1e-14 * expected.doubleValue()));
                }
            }
            assertThat(1 / share.before(until)).isCloseTo((double) using(until - 1, together), within(1e-9));
        }
    }

    private static BigDecimal plain(long from, long until, long[] moments, List<Change> together) {
        long[] borders = LongStream.concat(LongStream.of(from, until), LongStream.of(moments))
                .filter(moment -> moment >= from && moment <= until)
                .distinct()
                .sorted()
                .toArray();
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 1; i < borders.length; i++) {
            sum = sum.add(new BigDecimal(borders[i] - borders[i - 1])
                    .divide(new BigDecimal(using(borders[i - 1], together)), MathContext.DECIMAL128));
        }
        return sum;
    }

    private static long using(long moment, List<Change> together) {
        return together.stream()
                .flatMap(run -> Stream.iterate(0, i -> i < run.times().size(), i -> i + 2)
                        .filter(i -> run.times().get(i) <= moment
                                && moment < run.times().get(i + 1)))
                .count();
    }
}

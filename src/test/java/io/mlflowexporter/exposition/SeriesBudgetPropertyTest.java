package io.mlflowexporter.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.LabelText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What holds for any sizes, names and orders. */
class SeriesBudgetPropertyTest {
    private static final int LABEL_LENGTH = 50;

    @Provide
    Arbitrary<Value> sample() {
        return Combinators.combine(
                        Arbitraries.of("", "red"),
                        Arbitraries.of("a", "b", "c", "d", "e", "f", "g", "h", "_other"),
                        Arbitraries.of("tuning", "training", "other"),
                        Arbitraries.doubles().between(0, 1000))
                .as((workspace, experiment, phase, value) -> new Value(workspace, List.of(experiment, phase), value));
    }

    @Property
    void sumsArePreserved(
            @ForAll @Size(max = 60) List<@net.jqwik.api.From("sample") Value> samples,
            @ForAll @IntRange(min = 1, max = 30) int budget) {
        FoldedFamily folded = fold(new SeriesBudget(budget, LABEL_LENGTH), samples);

        assertThat(total(folded.family().samples()))
                .isCloseTo(total(samples), org.assertj.core.api.Assertions.within(1e-6));
    }

    @Property
    void noSeriesIsThereTwiceAndTheBudgetHolds(
            @ForAll @Size(max = 60) List<@net.jqwik.api.From("sample") Value> samples,
            @ForAll @IntRange(min = 1, max = 30) int budget) {
        FoldedFamily folded = fold(new SeriesBudget(budget, LABEL_LENGTH), samples);

        Set<SeriesKey> keys = new HashSet<>();
        int others = 0;
        for (Sample sample : folded.family().samples()) {
            assertThat(keys.add(key(sample))).as("%s is there once", sample).isTrue();
            others += sample.labelValues().get(0).equals(LabelText.OTHER) ? 1 : 0;
        }
        // Where the combinations in _other alone are more than the budget, no series beside them is.
        assertThat(keys.size()).isLessThanOrEqualTo(Math.max(budget, others));
    }

    @Property
    void countersNeverFall(
            @ForAll @Size(min = 1, max = 12) List<@Size(max = 12) List<@net.jqwik.api.From("sample") Value>> increments,
            @ForAll @IntRange(min = 1, max = 30) int budget,
            @ForAll long seed) {
        SeriesBudget seriesBudget = new SeriesBudget(budget, LABEL_LENGTH);
        Random random = new Random(seed);
        Map<SeriesKey, Double> counters = new LinkedHashMap<>();
        Map<SeriesKey, Double> shown = new HashMap<>();
        for (List<Value> refresh : increments) {
            refresh.forEach(v -> counters.merge(key(v), v.value(), Double::sum));
            List<Value> samples = new ArrayList<>();
            counters.forEach((k, v) -> samples.add(new Value(k.workspace(), k.values(), v)));
            Collections.shuffle(samples, random);

            Map<SeriesKey, Double> next = new HashMap<>();
            for (Sample sample : fold(seriesBudget, samples).family().samples()) {
                next.put(key(sample), ((Value) sample).value());
            }
            shown.forEach((k, v) -> assertThat(next)
                    .hasEntrySatisfying(k, now -> assertThat(now).isGreaterThanOrEqualTo(v)));
            shown.putAll(next);
        }
    }

    private static FoldedFamily fold(SeriesBudget budget, List<Value> samples) {
        return budget.fold(List.of(new Family(ExampleFamilies.STARTED, List.copyOf(samples))), true)
                .get(0);
    }

    private static SeriesKey key(Sample sample) {
        return new SeriesKey(sample.workspace(), sample.labelValues());
    }

    private static double total(List<? extends Sample> samples) {
        return samples.stream().mapToDouble(s -> ((Value) s).value()).sum();
    }
}

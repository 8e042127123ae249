package io.mlflowexporter.exposition;

import static io.mlflowexporter.exposition.ExampleFamilies.durations;
import static io.mlflowexporter.exposition.ExampleFamilies.family;
import static io.mlflowexporter.exposition.ExampleFamilies.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesBudgetTest {
    private final SeriesBudget budget = new SeriesBudget(10, 50);

    @Test
    void withinTheBudgetNothingChanges() {
        Family family = family(ExampleFamilies.STARTED, value(1, "a", "training"), value(2, "b", "training"));

        FoldedFamily folded = fold(family);

        assertThat(folded.family()).isEqualTo(family);
        assertThat(folded.series()).isEqualTo(new FamilySeries("mlflow_runs_started_total", 2, 0));
    }

    @Test
    void experimentsOfOneNameAreAdded() {
        FoldedFamily folded = fold(family(
                ExampleFamilies.STARTED, value(1, "a", "tuning"), value(2, "a", "tuning"), value(4, "b", "tuning")));

        assertThat(folded.family().samples()).containsExactly(value(3, "a", "tuning"), value(4, "b", "tuning"));
        assertThat(folded.dropped()).isZero();
    }

    @Test
    void theSmallestAreSummedIntoOther() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            samples.add(value(i, "experiment" + i, "training"));
        }

        FoldedFamily folded = fold(new Family(ExampleFamilies.STARTED, samples));

        // Nine stay, 12 to 20; the tenth series is the sum of 1 to 11.
        assertThat(folded.family().samples())
                .hasSize(10)
                .contains(value(20, "experiment20", "training"), value(12, "experiment12", "training"))
                .contains(value(66, "_other", "training"));
        assertThat(folded.dropped()).isEqualTo(11);
    }

    @Test
    void theSmallestAreLeftOutWhereASumWouldMeanNothing() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            samples.add(value(1_700_000_000 + i, "experiment" + i));
        }
        FoldedFamily before = fold(new Family(ExampleFamilies.CREATED, samples));
        samples.add(value(1_800_000_000, "newest"));
        FoldedFamily after = fold(new Family(ExampleFamilies.CREATED, samples));

        assertThat(before.family().samples()).hasSize(10).doesNotContain(value(1_700_000_002, "experiment2"));
        assertThat(before.dropped()).isEqualTo(2);
        assertThat(after.family().samples()).hasSize(10).contains(value(1_800_000_000, "newest"));
    }

    @Test
    void theChoiceLastsSoThatNoCounterFalls() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            samples.add(value(i, "experiment" + i, "training"));
        }
        fold(new Family(ExampleFamilies.STARTED, samples));
        samples.set(0, value(1000, "experiment1", "training"));
        samples.add(value(5000, "late", "training"));

        FoldedFamily folded = fold(new Family(ExampleFamilies.STARTED, samples));

        assertThat(folded.family().samples())
                .contains(value(12, "experiment12", "training"))
                .contains(value(65 + 1000 + 5000, "_other", "training"));
    }

    @Test
    void aGroupThatIsGoneMakesRoomForANewOneOnly() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            samples.add(value(i, "experiment" + i, "training"));
        }
        fold(new Family(ExampleFamilies.STARTED, samples));
        samples.remove(11);
        samples.add(value(1, "new", "training"));

        FoldedFamily folded = fold(new Family(ExampleFamilies.STARTED, samples));

        assertThat(folded.family().samples())
                .hasSize(10)
                .contains(value(1, "new", "training"))
                .contains(value(6, "_other", "training"));
    }

    @Test
    void everyWorkspaceHasItsOwnOther() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            samples.add(new Value("red", List.of("experiment" + i, "training"), i));
            samples.add(new Value("blue", List.of("experiment" + i, "training"), i));
        }

        FoldedFamily folded = budget.fold(List.of(new Family(ExampleFamilies.STARTED, samples)), true)
                .get(0);

        assertThat(folded.family().samples())
                .hasSize(10)
                .contains(new Value("red", List.of("_other", "training"), 10))
                .contains(new Value("blue", List.of("_other", "training"), 10));
    }

    @Test
    void withoutWorkspacesTheirSamplesAreOne() {
        Family family = family(
                ExampleFamilies.STARTED,
                new Value("red", List.of("a", "training"), 1),
                new Value("blue", List.of("a", "training"), 2));

        assertThat(fold(family).family().samples()).containsExactly(value(3, "a", "training"));
    }

    @Test
    void anExperimentCalledOtherIsNotTheRest() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            samples.add(value(i, "experiment" + i, "training"));
        }
        samples.add(value(1000, "_other", "training"));

        assertThat(fold(new Family(ExampleFamilies.STARTED, samples)).family().samples())
                .contains(value(1000, "_other_", "training"))
                .contains(value(10, "_other", "training"));
    }

    @Test
    void histogramsAreMergedWithTheirExemplars() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            double[] seconds = new double[i];
            java.util.Arrays.fill(seconds, 10 * i);
            samples.add(durations(List.of("experiment" + i, "training", "finished"), seconds));
        }

        FoldedFamily folded = fold(new Family(ExampleFamilies.DURATION, samples));

        Distribution other = folded.family().samples().stream()
                .map(Distribution.class::cast)
                .filter(d -> d.labelValues().get(0).equals("_other"))
                .findFirst()
                .orElseThrow();
        assertThat(other.histogram().count()).isEqualTo(1 + 2 + 3);
        assertThat(other.histogram().sum()).isEqualTo(10 + 2 * 20 + 3 * 30);
        assertThat(folded.dropped()).isEqualTo(3);
    }

    @Test
    void agesKeepTheGreatest() {
        FamilyDeclaration age = ExampleFamilies.declare(
                "mlflow_oldest_active_run_age_seconds",
                FamilyDeclaration.Type.GAUGE,
                List.of("experiment"),
                Fold.max("experiment"));
        List<Sample> samples = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            samples.add(value(i, "experiment" + i));
        }

        assertThat(fold(new Family(age, samples)).family().samples())
                .hasSize(10)
                .contains(value(3, "_other"));
    }

    @Test
    void aFamilyThatIsSmallByNatureIsNeverCut() {
        FamilyDeclaration small = ExampleFamilies.declare(
                "mlflow_experiments", FamilyDeclaration.Type.GAUGE, List.of("lifecycle_stage"), Fold.NEVER);
        List<Sample> samples = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            samples.add(value(i, "stage" + i));
        }

        assertThat(fold(new Family(small, samples)).family().samples()).hasSize(12);
    }

    @Test
    void aSampleThatIsNotAsDeclaredIsRefused() {
        assertThatThrownBy(() -> fold(family(ExampleFamilies.STARTED, value(1, "a"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mlflow_runs_started_total")
                .hasMessageContaining("1 label values");
        assertThatThrownBy(() -> fold(family(ExampleFamilies.STARTED, value(-1, "a", "b"))))
                .hasMessageContaining("below zero");
        assertThatThrownBy(() -> fold(family(ExampleFamilies.DURATION, value(1, "a", "b", "c"))))
                .hasMessageContaining("HISTOGRAM");
    }

    private FoldedFamily fold(Family family) {
        return budget.fold(List.of(family), false).get(0);
    }
}

package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import java.util.List;

/** Families to test with. */
final class ExampleFamilies {
    static final FamilyDeclaration RUNS = declare(
            "mlflow_runs",
            FamilyDeclaration.Type.GAUGE,
            List.of("experiment", "phase", "status"),
            Fold.sum("experiment"));
    static final FamilyDeclaration STARTED = declare(
            "mlflow_runs_started_total",
            FamilyDeclaration.Type.COUNTER,
            List.of("experiment", "phase"),
            Fold.sum("experiment"));
    static final FamilyDeclaration DURATION = declare(
            "mlflow_run_duration_seconds",
            FamilyDeclaration.Type.HISTOGRAM,
            List.of("experiment", "phase", "status"),
            Fold.sum("experiment"));
    static final FamilyDeclaration ALIAS = declare(
            "mlflow_model_alias_info",
            FamilyDeclaration.Type.INFO,
            List.of("model", "alias", "version"),
            Fold.drop("model"));
    static final FamilyDeclaration CREATED = declare(
            "mlflow_experiment_created_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            List.of("experiment"),
            Fold.drop("experiment"));

    private ExampleFamilies() {}

    static FamilyDeclaration declare(String name, FamilyDeclaration.Type type, List<String> labels, Fold fold) {
        return new FamilyDeclaration(name, type, "Help of " + name + ".", labels, Stability.STABLE, fold);
    }

    static Family family(FamilyDeclaration declaration, Sample... samples) {
        return new Family(declaration, List.of(samples));
    }

    static Value value(double value, String... labels) {
        return new Value("", List.of(labels), value);
    }

    static Distribution durations(List<String> labels, double... seconds) {
        DurationHistogram histogram = new DurationHistogram();
        for (int i = 0; i < seconds.length; i++) {
            histogram.observe(seconds[i], "run" + i, 1_700_000_000_000L + 1000L * i);
        }
        return new Distribution("", labels, histogram);
    }
}

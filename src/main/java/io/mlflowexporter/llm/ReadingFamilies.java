package io.mlflowexporter.llm;

import io.mlflowexporter.llm.sync.TraceSync;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.Times;
import java.util.List;

/** How traces are read. */
final class ReadingFamilies {
    static final FamilyDeclaration MODE = new FamilyDeclaration(
            "mlflow_exporter_trace_experiments",
            FamilyDeclaration.Type.GAUGE,
            "Experiments by how their LLM traces are read: one by one (traces), or from the server's hourly sums (sums) where"
                    + " there are more than traces.max_per_refresh.",
            List.of("mode"),
            Stability.EXPERIMENTAL,
            Fold.NEVER);
    static final FamilyDeclaration OLDEST = new FamilyDeclaration(
            "mlflow_exporter_traces_oldest_reread_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the hour within traces.horizon that was not read again for the longest time was last read, Unix time: late"
                    + " feedback, deletions and edits can be unseen for that long.",
            List.of(),
            Stability.EXPERIMENTAL,
            Fold.NEVER);

    private ReadingFamilies() {}

    static List<FamilyDeclaration> declarations() {
        return List.of(MODE, OLDEST);
    }

    static List<Family> of(TraceSync sync) {
        Samples modes = new Samples();
        modes.max("", sync.detailed(), "traces");
        modes.max("", sync.aggregated().size(), "sums");
        Samples oldest = new Samples();
        if (sync.oldestRereadMillis() != Times.ABSENT) {
            oldest.max("", sync.oldestRereadMillis() / 1000.0);
        }
        return List.of(modes.family(MODE), oldest.family(OLDEST));
    }
}

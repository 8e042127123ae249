package io.mlflowexporter.indicators;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import io.mlflowexporter.mlflow.Times;
import java.util.List;

/** How far history was read again, and what of it cannot be read. */
public final class SweepFamilies {
    static final FamilyDeclaration PROGRESS = gauge(
            "mlflow_exporter_sweep_progress_ratio",
            "Runs that the sweep over history under way has read again, of all runs; 1 where one has just ended.");
    static final FamilyDeclaration COMPLETED = gauge(
            "mlflow_exporter_sweep_completed_timestamp_seconds",
            "When the last sweep over history ended, Unix time: changes that leave no trace in MLflow, such as edited"
                    + " tags and deletions, are known as of its time at the latest.");
    static final FamilyDeclaration SET_ASIDE = gauge(
            "mlflow_exporter_experiments_set_aside",
            "Experiments whose runs are not read for a while, as one of them is larger than mlflow.max_response_size or an eighth of the heap, or as"
                    + " they did not come within mlflow.read_timeout while others did.");

    private SweepFamilies() {}

    private static FamilyDeclaration gauge(String name, String help) {
        return new FamilyDeclaration(
                name, FamilyDeclaration.Type.GAUGE, help, List.of(), Stability.EXPERIMENTAL, Fold.NEVER);
    }

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(PROGRESS, COMPLETED, SET_ASIDE);
    }

    static List<Family> of(Catalog catalog) {
        Catalog.Sweep sweep = catalog.sweep();
        Samples progress = new Samples();
        progress.max("", sweep.ratio());
        Samples completed = new Samples();
        if (sweep.completedMillis() != Times.ABSENT) {
            completed.max("", sweep.completedMillis() / 1000.0);
        }
        Samples setAside = new Samples();
        setAside.max("", catalog.setAside().size());
        return List.of(progress.family(PROGRESS), completed.family(COMPLETED), setAside.family(SET_ASIDE));
    }
}

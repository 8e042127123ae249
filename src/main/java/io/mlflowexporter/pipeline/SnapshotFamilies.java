package io.mlflowexporter.pipeline;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.mlflow.connection.ShardConfig;
import java.util.List;

/** What is said of the snapshot as a whole. */
public final class SnapshotFamilies {
    static final FamilyDeclaration TIMESTAMP = new FamilyDeclaration(
            "mlflow_snapshot_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the oldest part of the data served was read from MLflow, Unix time.",
            List.of(),
            Stability.STABLE,
            Fold.NEVER);
    static final FamilyDeclaration COMPLETE = new FamilyDeclaration(
            "mlflow_snapshot_complete",
            FamilyDeclaration.Type.GAUGE,
            "1 if the snapshot served holds all that the filters select, as of its timestamp; 0 if a part was never"
                    + " read, is withdrawn as too old, or is left out; a refresh that fails does not change it, mlflow_up and"
                    + " the timestamp tell of that.",
            List.of(),
            Stability.STABLE,
            Fold.NEVER);
    static final FamilyDeclaration ENTRIES = new FamilyDeclaration(
            "mlflow_exporter_catalog_entries",
            FamilyDeclaration.Type.GAUGE,
            "Objects the exporter holds, deleted and vanished runs included, as of the snapshot.",
            List.of("kind"),
            Stability.STABLE,
            Fold.NEVER);

    private SnapshotFamilies() {}

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(TIMESTAMP, COMPLETE, ENTRIES);
    }

    /**
     * All families of this subject.
     *
     * @param complete whether the snapshot holds all that the filters select
     */
    public static List<Family> of(Catalog catalog, long readAtMillis, boolean complete, ShardConfig shard) {
        Samples timestamp = new Samples();
        timestamp.max("", readAtMillis / 1000.0);
        Samples isComplete = new Samples();
        isComplete.max("", complete ? 1 : 0);
        Samples entries = new Samples();
        entries.add("", catalog.runs().size(), "runs");
        entries.add("", catalog.experiments().size(), "experiments");
        entries.add("", shard.publishesShared() ? catalog.models().size() : 0, "models");
        entries.add("", shard.publishesShared() ? catalog.versions().size() : 0, "versions");
        return List.of(timestamp.family(TIMESTAMP), isComplete.family(COMPLETE), entries.family(ENTRIES));
    }
}

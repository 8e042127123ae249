package io.mlflowexporter.indicators;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.Times;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What in MLflow cannot be true, counted over the runs that are not deleted. */
public final class Anomalies {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_exporter_anomalies",
            FamilyDeclaration.Type.GAUGE,
            "Runs that are not deleted and whose data cannot be true, by what is wrong, as of the snapshot.",
            List.of("kind"),
            Stability.STABLE,
            Fold.NEVER);

    private Anomalies() {}

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(FAMILY);
    }

    /**
     * Kind to number of runs, every kind there is, in a fixed order.
     *
     * @param unreadableQuantities runs that the cost book asks for a quantity and that tell something else
     */
    public static Map<String, Long> of(Catalog catalog, long nowMillis, long unreadableQuantities) {
        Map<String, Long> found = new LinkedHashMap<>();
        for (String kind : List.of(
                "end_before_start",
                "future_start",
                "missing_end",
                "missing_start",
                "unknown_status",
                "unreadable_quantity",
                "unreadable_value")) {
            found.put(kind, 0L);
        }
        found.put("unreadable_quantity", unreadableQuantities);
        RunTable runs = catalog.runs();
        for (int row = 0; row < runs.size(); row++) {
            if (runs.state(row) != RunState.ACTIVE) {
                continue;
            }
            long start = runs.startMillis(row);
            long end = runs.endMillis(row);
            count(found, "end_before_start", start != Times.ABSENT && end != Times.ABSENT && end < start);
            count(found, "future_start", start > nowMillis);
            count(found, "missing_end", runs.status(row).ended() && end == Times.ABSENT);
            count(found, "missing_start", start == Times.ABSENT);
            count(found, "unknown_status", runs.status(row) == RunStatus.UNKNOWN);
            count(found, "unreadable_value", runs.unreadableValues(row) > 0);
        }
        return found;
    }

    private static void count(Map<String, Long> found, String kind, boolean shown) {
        if (shown) {
            found.merge(kind, 1L, Long::sum);
        }
    }

    static Family family(Map<String, Long> found) {
        Samples samples = new Samples();
        found.forEach((kind, number) -> samples.add("", number, kind));
        return samples.family(FAMILY);
    }
}

package io.mlflowexporter.indicators;

import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.Times;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What in MLflow cannot be true: here counted over the runs that are not deleted, see also {@link RegistryAnomalies}. */
public final class Anomalies {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_exporter_anomalies",
            FamilyDeclaration.Type.GAUGE,
            "Runs that are not deleted, aliases and model versions whose data cannot be true, by what is wrong, as of the"
                    + " snapshot.",
            List.of("kind"),
            Stability.STABLE,
            Fold.NEVER);

    private static final String UNREADABLE_QUANTITY = "unreadable_quantity";

    private static final List<String> OF_RUNS = List.of(
            "end_before_start",
            "future_start",
            "missing_end",
            "missing_start",
            "unknown_status",
            UNREADABLE_QUANTITY,
            "unreadable_step",
            "unreadable_value");

    /** All kinds there are. */
    public static final List<String> KINDS = Stream.concat(OF_RUNS.stream(), RegistryAnomalies.KINDS.stream())
            .sorted()
            .toList();

    private final Map<String, Long> found = new LinkedHashMap<>();

    Anomalies() {
        OF_RUNS.forEach(kind -> found.put(kind, 0L));
    }

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(FAMILY);
    }

    /**
     * Adds a run, or takes it back.
     *
     * @param times 1, or -1 for one that was added before
     * @param unreadableStep whether it logged a step's duration that is none
     */
    void add(int times, RunTable runs, int row, long nowMillis, boolean unreadableStep) {
        if (runs.state(row) != RunState.ACTIVE) {
            return;
        }
        long start = runs.startMillis(row);
        long end = runs.endMillis(row);
        count(times, "end_before_start", start != Times.ABSENT && end != Times.ABSENT && end < start);
        count(times, "future_start", start > nowMillis);
        count(times, "missing_end", runs.status(row).ended() && end == Times.ABSENT);
        count(times, "missing_start", start == Times.ABSENT);
        count(times, "unknown_status", runs.status(row) == RunStatus.UNKNOWN);
        count(times, "unreadable_step", unreadableStep);
        count(times, "unreadable_value", runs.unreadableValues(row) > 0);
    }

    private void count(int times, String kind, boolean shown) {
        if (shown) {
            found.merge(kind, (long) times, Long::sum);
        }
    }

    /**
     * Kind to number of runs, every kind there is of runs, in a fixed order.
     *
     * @param unreadableQuantities runs that the cost book asks for a quantity and that tell something else
     */
    Map<String, Long> found(long unreadableQuantities) {
        Map<String, Long> all = new LinkedHashMap<>(found);
        all.put(UNREADABLE_QUANTITY, unreadableQuantities);
        return all;
    }

    /** Of how many there are, by kind. */
    public static Family family(Map<String, Long> found) {
        Samples samples = new Samples();
        found.forEach((kind, number) -> samples.add("", number, kind));
        return samples.family(FAMILY);
    }
}

package io.mlflowexporter.mlflow;

import io.mlflowexporter.metric.Times;
import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * A version of a registered model as MLflow returned it.
 *
 * @param workspace the workspace it was read from; empty where the server has no workspaces
 * @param version a decimal string on MLflow's own stores; other stores may differ
 * @param runId the run it came from; empty where it came from none
 * @param stage the legacy stage ({@code None}, {@code Staging}, {@code Production}, {@code Archived}), empty where missing
 * @param status {@code READY}, {@code PENDING_REGISTRATION}, …; empty where missing
 * @param createdMillis Unix milliseconds, {@link Times#ABSENT} where missing
 * @param lastUpdatedMillis Unix milliseconds, {@link Times#ABSENT} where missing
 */
public record ModelVersion(
        String workspace,
        String model,
        String version,
        String runId,
        String stage,
        String status,
        long createdMillis,
        long lastUpdatedMillis) {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,30}");

    /** What tells a version from all others. Comparable, as names whose hashes are equal can be chosen. */
    public record Id(String workspace, String model, String version) implements Comparable<Id> {
        private static final Comparator<Id> ORDER =
                Comparator.comparing(Id::model).thenComparing(Id::version).thenComparing(Id::workspace);

        @Override
        public int compareTo(Id other) {
            return ORDER.compare(this, other);
        }
    }

    /** What tells it from all others. */
    public Id id() {
        return new Id(workspace, model, version);
    }

    /** Whether a version is named by a number, as MLflow's own stores name them. */
    public static boolean isNumber(String version) {
        return NUMBER.matcher(version).matches();
    }
}

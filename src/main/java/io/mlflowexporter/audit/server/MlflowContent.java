package io.mlflowexporter.audit.server;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/**
 * What MLflow holds, as its own client reads it.
 *
 * @param versions by model
 */
public record MlflowContent(List<Experiment> experiments, List<Run> runs, List<Model> models, List<Version> versions) {
    /**
     * An experiment.
     *
     * @param createdMillis Unix milliseconds, 0 where MLflow does not say
     */
    public record Experiment(String id, String name, boolean active, long createdMillis, Map<String, String> tags) {}

    /**
     * A run. Times are Unix milliseconds, 0 where MLflow does not say.
     *
     * @param status MLflow's word
     * @param metricMillis the timestamps of its metrics' latest values
     * @param metrics their latest values, by alphabet; may be NaN or infinite
     * @param observed what only the exporter saw of it
     */
    public record Run(
            String id,
            Experiment experiment,
            String name,
            String user,
            String status,
            boolean active,
            long startMillis,
            long endMillis,
            List<Long> metricMillis,
            String phase,
            Map<String, String> tags,
            Map<String, String> params,
            SortedMap<String, Double> metrics,
            Observed.Run observed) {
        /** Its status as the exporter's labels have it. */
        public String word() {
            return status.toLowerCase(Locale.ROOT);
        }

        public boolean ended() {
            return status.equals("FINISHED") || status.equals("FAILED") || status.equals("KILLED");
        }

        /** Of the run it is nested in, empty for none. */
        public String parentId() {
            return tags.getOrDefault("mlflow.parentRunId", "");
        }

        /** As it was before it ended. */
        Run stillRunning() {
            return new Run(
                    id,
                    experiment,
                    name,
                    user,
                    "RUNNING",
                    active,
                    startMillis,
                    0,
                    metricMillis,
                    phase,
                    tags,
                    params,
                    metrics,
                    observed);
        }

        /** With what the exporter saw of it. */
        public Run with(Observed.Run seen) {
            return new Run(
                    id,
                    experiment,
                    name,
                    user,
                    status,
                    active,
                    startMillis,
                    endMillis,
                    metricMillis,
                    phase,
                    tags,
                    params,
                    metrics,
                    seen);
        }
    }

    public record Model(String name, long createdMillis, SortedMap<String, String> aliases) {}

    /**
     * A version of a model.
     *
     * @param runId of the run that made it, empty where MLflow does not say
     */
    public record Version(String model, String version, long createdMillis, String runId, String stage) {
        public static final Comparator<Version> NEWEST_FIRST = Comparator.comparingLong(Version::createdMillis)
                .thenComparingInt(it -> it.version().length())
                .thenComparing(Version::version)
                .reversed();
    }

    /** With what the exporter saw of runs. */
    public MlflowContent with(Observed observed) {
        return new MlflowContent(
                experiments,
                runs.stream().map(run -> run.with(observed.of(run.id()))).toList(),
                models,
                versions);
    }

    /**
     * Without what began after a time, and with what ended after it still running.
     *
     * @param readAtMillis when it was read: what is dated later than that was so before, by a clock that is ahead
     */
    public MlflowContent asOf(long millis, long readAtMillis) {
        return new MlflowContent(
                experiments.stream()
                        .filter(it -> !between(it.createdMillis(), millis, readAtMillis))
                        .toList(),
                runs.stream()
                        .filter(it -> !between(it.startMillis(), millis, readAtMillis))
                        .map(it -> it.ended() && between(it.endMillis(), millis, readAtMillis) ? it.stillRunning() : it)
                        .toList(),
                models.stream()
                        .filter(it -> !between(it.createdMillis(), millis, readAtMillis))
                        .toList(),
                versions.stream()
                        .filter(it -> !between(it.createdMillis(), millis, readAtMillis))
                        .toList());
    }

    public static boolean between(long millis, long after, long until) {
        return millis > after && millis <= until;
    }
}

package io.mlflowexporter.demo.life;

import io.mlflowexporter.demo.life.RunPlan.Kind;
import io.mlflowexporter.demo.store.DemoNames;
import io.mlflowexporter.demo.store.MetricLog.Point;
import io.mlflowexporter.demo.store.MlflowStore;
import io.mlflowexporter.demo.store.RunRow;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Lets runs start, log, end well or badly, or die without a word. */
final class RunSimulator {
    private static final double SCHEDULED_FIRST = 0.03;
    private static final double FAILS = 0.06;
    private static final double KILLED = 0.02;
    private static final double DIES = 0.005;
    private static final double DELETED_LATER = 0.02;
    private static final int FULL_HISTORY_AT_MOST = 20_000;

    private final MlflowStore store;
    private final Agenda agenda;
    private final SplittableRandom random;
    private final SimulationOptions.Extra extra;
    private final boolean keepHistory;

    RunSimulator(MlflowStore store, Agenda agenda, SplittableRandom random, SimulationOptions options) {
        this.store = store;
        this.agenda = agenda;
        this.random = random;
        this.extra = options.extra();
        // A load of a million runs would need most of its memory for histories that nobody reads.
        this.keepHistory = options.runs() <= FULL_HISTORY_AT_MOST;
    }

    /**
     * Starts a run now.
     *
     * @param whenFinished what comes after it, if it finishes
     * @return the run, already under way
     */
    RunRow start(RunPlan plan, Consumer<RunRow> whenFinished) {
        boolean waits = random.nextDouble() < SCHEDULED_FIRST && plan.parent().isEmpty();
        RunRow run = create(plan, waits ? RunRow.SCHEDULED : RunRow.RUNNING, agenda.clockNow());
        double wait = 0;
        if (waits) {
            wait = 30 + random.nextInt(300);
            agenda.in(wait, () -> {
                if (run.status.equals(RunRow.SCHEDULED)) {
                    store.updateRun(run, RunRow.RUNNING, run.end);
                }
            });
        }
        double dice = random.nextDouble();
        // A parent that waits for its children outlives them; the others may come to a bad end.
        boolean safe = plan.kind() == Kind.SEARCH;
        String outcome = safe || dice >= FAILS + KILLED + DIES
                ? RunRow.FINISHED
                : dice < FAILS ? RunRow.FAILED : dice < FAILS + KILLED ? RunRow.KILLED : RunRow.RUNNING;
        double lasts = outcome.equals(RunRow.FINISHED) ? plan.seconds() : plan.seconds() * random.nextDouble();
        int points = 2 + random.nextInt(6);
        boolean systemMetrics = random.nextInt(4) == 0;
        for (int i = 1; i <= points; i++) {
            int step = i;
            agenda.in(
                    wait + lasts * i / (points + 1),
                    () -> progress(run, plan.kind(), step, step / (double) points, systemMetrics));
        }
        if (!outcome.equals(RunRow.RUNNING)) {
            agenda.in(wait + lasts, () -> end(run, plan.kind(), outcome, whenFinished));
        }
        return run;
    }

    /** Adds a run as it would stand right after its start, with tags and params. */
    RunRow create(RunPlan plan, String status, long startMillis) {
        RunRow run = store.createRun(
                plan.experiment(), MlflowStore.newId(random), plan.user(), plan.name(), status, startMillis);
        store.setTag(run, "mlflow.user", plan.user());
        store.setTag(run, "mlflow.source.name", plan.source());
        store.setTag(run, "mlflow.source.type", plan.source().endsWith(".ipynb") ? "NOTEBOOK" : "LOCAL");
        store.setTag(run, "mlflow.source.git.commit", DemoNames.pick(random, DemoNames.COMMITS));
        store.setTag(run, MlflowStore.RUN_NAME_TAG, run.name);
        if (plan.kind() == Kind.RECOMMENDATION) {
            store.setTag(run, "resource.gpu.count", plan.seconds() > 3_600 ? "2" : "1");
        }
        plan.parent().ifPresent(parent -> store.setTag(run, "mlflow.parentRunId", parent.id));
        plan.estimator().ifPresent(estimator -> {
            store.setTag(run, "estimator_name", estimator.name());
            store.setTag(run, "estimator_class", estimator.className());
            store.setParam(run, "max_depth", DemoNames.pick(random, DemoNames.DEPTHS));
            store.setParam(run, "learning_rate", DemoNames.pick(random, DemoNames.RATES));
            store.setParam(run, "n_estimators", DemoNames.pick(random, DemoNames.ESTIMATORS));
        });
        for (int i = 0; i < extra.tags(); i++) {
            store.setTag(run, "extra_tag_" + i, "value");
        }
        for (int i = 0; i < extra.params(); i++) {
            store.setParam(run, "extra_param_" + i, "value");
        }
        for (int i = 0; i < extra.metrics(); i++) {
            log(run, "extra_metric_" + i, random.nextDouble(), 0);
        }
        return run;
    }

    private void progress(RunRow run, Kind kind, int step, double done, boolean systemMetrics) {
        if (run.deleted || !run.status.equals(RunRow.RUNNING)) {
            return;
        }
        switch (kind) {
            case SEARCH, TRIAL, REGRESSION -> log(run, "training_rmse", 120 - 60 * done + noise(4), step);
            case CLASSIFICATION, RECOMMENDATION -> log(run, "loss", 0.9 - 0.6 * done + noise(0.05), step);
            case LIVE_INFERENCE -> {
                double impressions = 1_000 * step + random.nextInt(300);
                log(run, "impressions", impressions, step);
                log(run, "clicks", Math.floor(impressions * (0.03 + 0.02 * random.nextDouble())), step);
            }
            default -> log(run, "rows_processed", 5_000 * step, step);
        }
        if (systemMetrics) {
            log(run, "system/cpu_utilization_percentage", 35 + noise(30), step);
            log(run, "system/system_memory_usage_percentage", 55 + noise(15), step);
            if (kind == Kind.RECOMMENDATION) {
                log(run, "system/gpu_0_utilization_percentage", 70 + noise(25), step);
                log(run, "system/gpu_0_power_usage_watts", 210 + noise(40), step);
            }
        }
    }

    private void end(RunRow run, Kind kind, String outcome, Consumer<RunRow> whenFinished) {
        if (run.deleted || !run.active()) {
            return;
        }
        if (outcome.equals(RunRow.FINISHED)) {
            results(run, kind);
        }
        store.updateRun(run, outcome, agenda.clockNow());
        if (random.nextDouble() < DELETED_LATER) {
            agenda.in(3_600.0 * (1 + random.nextInt(48)), () -> run.deleted = true);
        }
        if (outcome.equals(RunRow.FINISHED)) {
            whenFinished.accept(run);
        }
    }

    private void results(RunRow run, Kind kind) {
        double seconds = Math.max(0, (agenda.clockNow() - run.start) / 1000.0);
        switch (kind) {
            case DATA -> {
                log(run, "data_load_seconds", seconds * 0.4, 0);
                log(run, "data_clean_seconds", seconds * 0.3, 0);
                log(run, "feature_build_seconds", seconds * 0.25, 0);
            }
            case SEARCH, TRIAL -> log(run, "best_cv_score", 0.80 + noise(0.05), 0);
            case REGRESSION -> {
                log(run, "rmse", 58 + noise(6), 0);
                log(run, "mae", 41 + noise(5), 0);
                log(run, "r2_score", 0.88 + noise(0.04), 0);
                stepTimes(run, seconds);
            }
            case CLASSIFICATION -> {
                log(run, "accuracy", 0.86 + noise(0.04), 0);
                log(run, "f1_score", 0.81 + noise(0.05), 0);
                // What a division by an empty class leaves behind.
                log(run, "precision_minor_class", random.nextInt(10) == 0 ? Double.NaN : 0.6 + noise(0.2), 0);
                stepTimes(run, seconds);
            }
            case RECOMMENDATION -> {
                log(run, "ndcg_at_10", 0.42 + noise(0.04), 0);
                stepTimes(run, seconds);
            }
            case EVALUATION -> log(run, "accuracy", 0.85 + noise(0.04), 0);
            case EXPLANATION -> log(run, "explained_rows", 500 + random.nextInt(500), 0);
            case BATCH_INFERENCE -> {
                log(run, "predictions", 10_000 + random.nextInt(5_000), 0);
                log(run, "data_load_seconds", seconds * 0.2, 0);
                log(run, "predict_seconds", seconds * 0.7, 0);
            }
            default -> log(run, "score", random.nextDouble(), 0);
        }
    }

    private void stepTimes(RunRow run, double seconds) {
        log(run, "data_load_seconds", seconds * 0.15, 0);
        log(run, "preprocess_seconds", seconds * 0.2, 0);
        log(run, "fit_seconds", seconds * 0.6, 0);
    }

    private double noise(double width) {
        return (random.nextDouble() * 2 - 1) * width;
    }

    private void log(RunRow run, String key, double value, long step) {
        store.logMetric(run, key, new Point(value, agenda.clockNow(), step), keepHistory);
    }
}

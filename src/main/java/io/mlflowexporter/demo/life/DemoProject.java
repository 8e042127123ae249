package io.mlflowexporter.demo.life;

import io.mlflowexporter.demo.life.RunPlan.Kind;
import io.mlflowexporter.demo.store.DemoNames;
import io.mlflowexporter.demo.store.DemoNames.Estimator;
import io.mlflowexporter.demo.store.ExperimentRow;
import io.mlflowexporter.demo.store.MetricLog;
import io.mlflowexporter.demo.store.MlflowStore;
import io.mlflowexporter.demo.store.RunRow;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * What the simulated teams do: forecast the demand for rental bikes, predict churn, recommend, and try things out. Each
 * method starts one piece of work now; what follows from it plans itself.
 */
final class DemoProject {
    /** Runs that one piece of work comes to on average, failures included; counted over a million runs. */
    static final double RUNS_PER_WORK = 4.4;

    private static final double REGISTERED_AT_MOST = 1_500;

    private final Agenda agenda;
    private final SplittableRandom random;
    private final RunSimulator runs;
    private final Registrar registrar;
    private final double promoted;
    private final ExperimentRow initial;
    private final ExperimentRow bikes;
    private final ExperimentRow tuning;
    private final ExperimentRow churn;
    private final ExperimentRow recommendations;
    private final ExperimentRow[] abandoned;

    DemoProject(
            MlflowStore store, Agenda agenda, SplittableRandom random, SimulationOptions options, long beginMillis) {
        this.agenda = agenda;
        this.random = random;
        this.runs = new RunSimulator(store, agenda, random, options);
        this.registrar = new Registrar(store.models(), agenda, random);
        this.promoted = Math.min(0.85, REGISTERED_AT_MOST * RUNS_PER_WORK / options.runs());
        String home = MlflowStore.DEFAULT_WORKSPACE;
        String shop = home;
        if (options.workspaces()) {
            shop = "shop";
            store.createWorkspace(shop, "Recommendations in the web shop");
        }
        initial = store.experiment(home, "0");
        bikes = store.createExperiment(home, "bikes", "", beginMillis);
        tuning = store.createExperiment(home, "bikes-tuning", "", beginMillis + 60_000);
        churn = store.createExperiment(home, "churn-prediction", "", beginMillis + 120_000);
        recommendations = store.createExperiment(shop, "recommendations", "", beginMillis + 180_000);
        if (options.workspaces()) {
            // Names are unique inside a workspace only.
            store.createExperiment(shop, "bikes", "", beginMillis + 240_000);
        }
        bikes.tags.put("team", "mobility");
        bikes.tags.put("project", "bike-sharing");
        tuning.tags.put("project", "bike-sharing");
        churn.tags.put("team", "crm");
        churn.tags.put("project", "retention");
        recommendations.tags.put("project", "web-shop");
        abandoned = new ExperimentRow[] {
            store.createExperiment(home, "bikes-legacy", "", beginMillis + 300_000),
            store.createExperiment(home, "scratch", "", beginMillis + 360_000)
        };
        int each = Math.max(3, options.runs() / 60);
        for (ExperimentRow experiment : abandoned) {
            for (int i = 0; i < each; i++) {
                agenda.at(
                        beginMillis + 600_000 + (long) (random.nextDouble() * 7 * 86_400_000L),
                        () -> single(experiment));
            }
            agenda.at(beginMillis + 12 * 86_400_000L, () -> {
                if (!experiment.deleted) {
                    store.deleteExperiment(experiment, agenda.clockNow());
                }
            });
        }
    }

    /** Starts one piece of work, whichever comes up. */
    void work() {
        double dice = random.nextDouble();
        if (dice < 0.3) {
            bikes();
        } else if (dice < 0.55) {
            churn();
        } else if (dice < 0.7) {
            recommendations();
        } else {
            single(random.nextInt(4) == 0 ? initial : tuning);
        }
    }

    /** Tuning with nested trials, Training, Evaluations, Explanations, Promotion, Inference: each if the last went well. */
    void bikes() {
        if (bikes.deleted) {
            return;
        }
        String user = user();
        int trials = 3 + random.nextInt(4);
        double[] seconds = random.doubles(trials, 120, 480).toArray();
        double all = 15;
        for (double one : seconds) {
            all += one;
        }
        Estimator estimator = DemoNames.pick(random, DemoNames.REGRESSORS);
        RunRow parent = runs.start(
                plan(bikes, "Tuning", Kind.SEARCH, user, Optional.of(DemoNames.SEARCH), all),
                tuned -> afterPause(() -> bikesTraining(user, estimator)));
        double begin = 5;
        for (double one : seconds) {
            agenda.in(begin, () -> trial(parent, user, estimator, one));
            begin += one;
        }
    }

    private void trial(RunRow parent, String user, Estimator estimator, double seconds) {
        if (parent.deleted || !parent.active() || bikes.deleted) {
            return;
        }
        RunPlan plan = new RunPlan(
                bikes,
                "",
                Kind.TRIAL,
                user,
                "jobs/tuning.py",
                Optional.of(parent),
                Optional.of(estimator),
                seconds * 0.9);
        runs.start(plan, run -> {});
    }

    private void bikesTraining(String user, Estimator estimator) {
        start(
                plan(bikes, "Training", Kind.REGRESSION, user, Optional.of(estimator), between(240, 1200)),
                trained -> start(
                        plan(bikes, "Evaluations", Kind.EVALUATION, user, Optional.empty(), between(60, 240)),
                        evaluated -> bikesRelease(user, trained)));
    }

    private void bikesRelease(String user, RunRow trained) {
        start(
                plan(bikes, "Explanations", Kind.EXPLANATION, user, Optional.empty(), between(180, 600)),
                explained -> promotion(
                        bikes,
                        "bikes-demand",
                        user,
                        trained,
                        () -> start(
                                plan(
                                        bikes,
                                        "Inference",
                                        Kind.BATCH_INFERENCE,
                                        user,
                                        Optional.empty(),
                                        between(60, 180)),
                                served -> {})));
    }

    /** Data preparation, a training under a random name, its evaluation and promotion. */
    void churn() {
        if (churn.deleted) {
            return;
        }
        String user = user();
        String data = random.nextBoolean() ? "data-prep" : "feature-engineering";
        Estimator estimator = DemoNames.pick(random, DemoNames.CLASSIFIERS);
        start(
                plan(churn, data, Kind.DATA, user, Optional.empty(), between(60, 900)),
                prepared -> start(
                        plan(churn, "", Kind.CLASSIFICATION, user, Optional.of(estimator), between(300, 2400)),
                        trained -> start(
                                plan(churn, "Evaluations", Kind.EVALUATION, user, Optional.empty(), between(60, 300)),
                                evaluated -> promotion(churn, "churn-classifier", user, trained, () -> {}))));
    }

    /** A long training on a GPU, then three rounds of inference that count clicks. */
    void recommendations() {
        if (recommendations.deleted) {
            return;
        }
        String user = user();
        start(
                plan(recommendations, "Training", Kind.RECOMMENDATION, user, Optional.empty(), between(1200, 5400)),
                run -> {
                    promotion(recommendations, "recommender", user, run, () -> {});
                    for (int i = 0; i < 3; i++) {
                        agenda.in(
                                600.0 + 3600 * i,
                                () -> start(
                                        plan(
                                                recommendations,
                                                "Inference",
                                                Kind.LIVE_INFERENCE,
                                                user,
                                                Optional.empty(),
                                                between(300, 900)),
                                        served -> {}));
                    }
                });
    }

    /** A run under a random name that nothing follows. */
    void single(ExperimentRow experiment) {
        Optional<Estimator> estimator =
                random.nextBoolean() ? Optional.of(DemoNames.pick(random, DemoNames.REGRESSORS)) : Optional.empty();
        start(plan(experiment, "", Kind.FREE, user(), estimator, between(10, 600)), run -> {});
    }

    /**
     * Adds what a healthy project does not have: zombies, impossible times, runs that wait, one of
     * them for ever, and retries in vain.
     */
    void plantAnomalies(long startedMillis) {
        long day = 86_400_000L;
        for (int days : List.of(3, 5, 9)) {
            RunRow zombie = planted("Training", RunRow.RUNNING, startedMillis - days * day);
            zombie.metrics.log("training_rmse", new MetricLog.Point(99, zombie.start + 600_000, 1), true);
        }
        for (int days : List.of(2, 11, 23)) {
            RunRow backwards = planted("", RunRow.RUNNING, startedMillis - days * day);
            bikes.runs.update(backwards, RunRow.FINISHED, backwards.start - 300_000);
        }
        for (int days : List.of(4, 17)) {
            planted("Evaluations", RunRow.FINISHED, startedMillis - days * day);
        }
        planted("", RunRow.RUNNING, startedMillis + 2 * day);
        planted("Training", RunRow.SCHEDULED, startedMillis - 6 * 3_600_000L);
        RunRow waiting = planted("Training", RunRow.SCHEDULED, startedMillis - 60_000);
        agenda.in(300, () -> bikes.runs.update(waiting, RunRow.RUNNING, waiting.end));
        // Somebody's job tries again every hour and fails every time.
        for (int hours = 6; hours >= 2; hours--) {
            RunRow failed = runs.create(
                    plan(bikes, "hourly-job", Kind.EVALUATION, "nightly", Optional.empty(), 0),
                    RunRow.RUNNING,
                    startedMillis - hours * 3_600_000L);
            bikes.runs.update(failed, RunRow.FAILED, failed.start + 40_000);
        }
    }

    private RunRow planted(String name, String status, long startMillis) {
        return runs.create(
                plan(bikes, name, Kind.REGRESSION, user(), Optional.of(DemoNames.SEARCH), 0), status, startMillis);
    }

    private void promotion(ExperimentRow experiment, String model, String user, RunRow trained, Runnable next) {
        if (random.nextDouble() >= promoted) {
            afterPause(next);
            return;
        }
        start(plan(experiment, "Promotion", Kind.PROMOTION, user, Optional.empty(), between(5, 40)), run -> {
            registrar.register(experiment.workspace, model, trained);
            afterPause(next);
        });
    }

    private void start(RunPlan plan, Consumer<RunRow> next) {
        if (!plan.experiment().deleted) {
            runs.start(plan, run -> afterPause(() -> next.accept(run)));
        }
    }

    private void afterPause(Runnable next) {
        agenda.in(between(10, 120), next);
    }

    private RunPlan plan(
            ExperimentRow experiment,
            String name,
            Kind kind,
            String user,
            Optional<Estimator> estimator,
            double seconds) {
        String source = kind == Kind.FREE
                ? "notebooks/explore.ipynb"
                : switch (kind) {
                    case DATA -> "jobs/prepare.py";
                    case SEARCH, TRIAL -> "jobs/tuning.py";
                    case REGRESSION, CLASSIFICATION, RECOMMENDATION -> "jobs/training.py";
                    case PROMOTION -> "jobs/promotion.py";
                    case BATCH_INFERENCE, LIVE_INFERENCE -> "jobs/inference.py";
                    default -> "jobs/evaluation.py";
                };
        return new RunPlan(experiment, name, kind, user, source, Optional.empty(), estimator, seconds);
    }

    private String user() {
        return DemoNames.pick(random, DemoNames.USERS);
    }

    private double between(double least, double most) {
        return least + random.nextDouble() * (most - least);
    }
}

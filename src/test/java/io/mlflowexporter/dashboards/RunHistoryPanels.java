package io.mlflowexporter.dashboards;

/**
 * When things were made: the six plots of the notebook that this exporter replaces, kept up to date. Four of them tell time by
 * a gauge's value, and so show what happened before Prometheus first scraped.
 */
final class RunHistoryPanels {
    private static final String SHORT_CLASS =
            "label_replace(mlflow_estimator_runs{<experiment>}, \"estimator\", \"$1\", \"estimator_class\", \"(?:.*[.])?([^.]+)\")";

    private RunHistoryPanels() {}

    static void add(Board board) {
        board.panel(experimentsMade())
                .panel(modelsMade())
                .panel(versionsMade())
                .panel(runTimes())
                .panel(runStarts())
                .panel(estimators())
                .panel(experiments())
                .panel(models());
    }

    private static Panel experimentsMade() {
        return Panel.of(Kind.LINES, 8, 8, "Experiments by creation, and lifecycle stage", """
                        How many experiments there were at each time by when they were made, of those that exist now: active, and \
                        deleted but not purged. A flight of steps is a script that makes one for each run.""")
                .query(
                        "count by (lifecycle_stage) ("
                                + Promql.happenedBefore("max by (job, workspace, experiment_id, lifecycle_stage) "
                                        + "(mlflow_experiment_created_timestamp_seconds{<experiment>})")
                                + ")",
                        "{{lifecycle_stage}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0);
    }

    private static Panel modelsMade() {
        return Panel.of(Kind.LINES, 8, 8, "Registered models by creation", """
                        How many registered models there were at each time by when they were made, of those that exist now. The table below \
                        has each with its date.""")
                .query(
                        "count("
                                + Promql.happenedBefore("max by (job, workspace, model) "
                                        + "(mlflow_registered_model_created_timestamp_seconds{<workspace>})")
                                + ")",
                        "models")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0);
    }

    private static Panel versionsMade() {
        return Panel.of(Kind.COLUMNS, 8, 8, "Versions created, by model", """
                        Versions made in each step of time, by model, of the newest that the exporter keeps by themselves \
                        (exposition.versions_per_model). A model without any for long is no longer improved.""")
                .query(
                        "count by (model) ("
                                + Promql.happenedInStep("max by (job, workspace, model, version) "
                                        + "(mlflow_model_version_created_timestamp_seconds{<workspace>})")
                                + ")",
                        "{{model}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0)
                .colorByName();
    }

    private static Panel runTimes() {
        return Panel.of(Kind.DOTS, 12, 9, "Run time of each run, by phase", """
                        A dot for each of the newest runs: when it started and how long it took, coloured by phase as in the table of \
                        usual durations. Dots far above others of their colour are slow runs: click one to open it in MLflow.""")
                .query(
                        """
                        max by (phase, run_id) (mlflow_recent_run_duration_seconds{<run>} @ end())
                        and on (run_id) max by (run_id) (""" + Promql.happenedInStep("mlflow_recent_run_started_timestamp_seconds{<run>}") + ")",
                        "{{phase}}")
                .unit(Unit.SECONDS)
                .logScale()
                .colorByName()
                .noLegend()
                .link("", "Open in MLflow", Panel.MLFLOW + "/runs/${__field.labels.run_id}");
    }

    private static Panel runStarts() {
        return Panel.of(Kind.COLUMNS, 12, 9, "Runs started, by experiment", """
                        Of the newest runs, how many started in each step of time, by experiment. A comb is a schedule; a wall is a \
                        loop that starts too many.""")
                .query(
                        "count by (experiment) ("
                                + Promql.happenedInStep("max by (job, workspace, experiment, run_id) "
                                        + "(mlflow_recent_run_started_timestamp_seconds{<run>})")
                                + ")",
                        "{{experiment}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0)
                .colorByName();
    }

    private static Panel estimators() {
        return Panel.of(Kind.BARS, 8, 9, "Estimator classes", """
                        How many runs used which estimator, by the last part of the class's name, of those that log it. One that leads by \
                        far is a habit: does it win the comparison too?""")
                .query("sort_desc(topk(12, sum by (estimator) (" + SHORT_CLASS + ")))", "{{estimator}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0);
    }

    private static Panel experiments() {
        return Panel.of(Kind.TABLE, 8, 9, "Experiments, newest first", """
                        When each experiment was made, and whether it is deleted. Click the id to open it in MLflow.""")
                .label("experiment_id", "Id")
                .label("experiment", "Experiment")
                .label("lifecycle_stage", "Stage")
                .column("Created", Unit.TIME, """
                        topk(100, max by (experiment_id, experiment, lifecycle_stage)
                        (mlflow_experiment_created_timestamp_seconds{<experiment>})) * 1000""")
                .unit(Unit.TIME)
                .sortedBy("Created")
                .columnWidth("Id", 60)
                .columnWidth("Stage", 80)
                .columnWidth("Created", 160)
                .link("Id", "Open in MLflow", Panel.MLFLOW + "/experiments/${__data.fields.Id}");
    }

    private static Panel models() {
        return Panel.of(Kind.TABLE, 8, 9, "Registered models, newest first", """
                        When each registered model was made, and how many versions it has. Click the name to open it in MLflow.""")
                .label("model", "Model")
                .column("Created", Unit.TIME, """
                        topk(100, max by (model) (mlflow_registered_model_created_timestamp_seconds{<workspace>})) * 1000""")
                .column("Versions", Unit.COUNT, "sum by (model) (mlflow_model_versions{<workspace>})")
                .unit(Unit.COUNT)
                .sortedBy("Created")
                .link("Model", "Open in MLflow", Panel.MLFLOW + "/models/${__data.fields.Model:percentencode}");
    }
}

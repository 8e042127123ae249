package io.mlflowexporter.dashboards;

/** How often models reach production, how fast, how well, and at what cost. */
final class DeliveryBoard {
    private static final String NO_MOVE = "no alias moved while the test looked on";

    private DeliveryBoard() {}

    static Board board() {
        return new Board("mlflow-delivery", "MLflow / Delivery", """
                        Deployments, seen as aliases that move: how often, how long from training to production, how often one had to be \
                        taken back and how long that took. DORA's four keys, with a model in the place of a service.""", "now-30d")
                .variables(
                        Variable.DATASOURCE,
                        Variable.JOB,
                        Variable.INSTANCE,
                        Variable.WORKSPACE,
                        Variable.MODEL,
                        Variable.ALIAS,
                        Variable.CURRENCY,
                        Variable.WINDOW,
                        Variable.MLFLOW_URL)
                .marks(
                        "Deployments",
                        "max by (model, alias) (mlflow_last_deployment_timestamp_seconds{<model>, alias=~\"$alias\"}) * 1000",
                        "{{model}}: {{alias}} moved",
                        NO_MOVE)
                .panel(frequency())
                .panel(leadTime())
                .panel(failures())
                .panel(restore())
                .panel(costPerDeployment())
                .row("In production")
                .panel(aliases())
                .panel(lastDeployment())
                .row("How it went")
                .panel(deployments())
                .panel(rollbacks())
                .panel(leadTimes())
                .panel(versionsCreated())
                .row("Versions")
                .panel(versions())
                .panel(versionCosts());
    }

    private static Panel frequency() {
        return Panel.of(Kind.STAT, 5, 4, "Deployments a week", """
                        Moves of the chosen aliases to another version, in the time shown, counted per week. Rare ones are large and \
                        risky ones: release smaller steps.""")
                .query(
                        "sum(increase(mlflow_deployments_total{<model>, alias=~\"$alias\"}[$__range])) / ($__range_s / 604800)",
                        "a week")
                .unit(Unit.COUNT)
                .decimals(1);
    }

    private static Panel leadTime() {
        return Panel.of(Kind.STAT, 5, 4, "Lead time, median", """
                        From the start of the run that made a version until an alias pointed to it, half of the deployments in the time \
                        shown took less. If it is far longer than training takes, it is spent waiting: for a review, or for somebody.""")
                .mayBeEmpty(NO_MOVE)
                .query("""
                        histogram_quantile(0.5, sum by (le)
                        (increase(mlflow_deployment_lead_time_seconds_bucket{<model>, alias=~"$alias"}[$__range])))""", "median")
                .unit(Unit.SECONDS)
                .decimals(1);
    }

    private static Panel failures() {
        return Panel.of(Kind.STAT, 5, 4, "Deployments that failed", """
                        Part of the deployments to production in the time shown that were taken back within \
                        delivery.failure_window. Above 15 %, test more before an alias moves.""")
                .mayBeEmpty(NO_MOVE)
                .query("""
                        sum(increase(mlflow_deployment_failures_total{<model>, alias=~"$alias"}[$__range]))
                        / (sum(increase(mlflow_deployments_total{<model>, alias=~"$alias"}[$__range])
                        - increase(mlflow_rollbacks_total{<model>, alias=~"$alias"}[$__range])) > 0)""", "failed")
                .unit(Unit.RATIO)
                .decimals(0)
                .badAbove(0.15, 0.3);
    }

    private static Panel restore() {
        return Panel.of(Kind.STAT, 5, 4, "Time to restore, mean", """
                        From a deployment that failed until the alias pointed to an older version again, in the time shown. Long \
                        ones ask for an alert on the model's KPI, or for a rollback that takes one command.""")
                .mayBeEmpty(NO_MOVE)
                .query("""
                        sum(increase(mlflow_deployment_restore_time_seconds_sum{<model>, alias=~"$alias"}[$__range]))
                        / (sum(increase(mlflow_deployment_restore_time_seconds_count{<model>, alias=~"$alias"}[$__range])) > 0)""", "mean")
                .unit(Unit.SECONDS)
                .decimals(1)
                .badAbove(14_400, 86_400);
    }

    private static Panel costPerDeployment() {
        return Panel.of(Kind.STAT, 4, 4, "Cost per deployment ($currency)", """
                        What all computing of the window cost for each version that was deployed in it. It rises when much is tried \
                        and little released, or when what is released is larger.""")
                .mayBeEmpty("nothing was deployed while the demo ran")
                .query(
                        "max(mlflow_cost_per_deployed_version{<workspace>, window=\"$window\", <currency>})",
                        "a version")
                .unit(Unit.MONEY)
                .decimals(2);
    }

    private static Panel aliases() {
        return Panel.of(Kind.TABLE, 12, 8, "Where aliases point", """
                        The version each alias points to. Click one to open it in MLflow. A challenger that stays the same for weeks \
                        is a comparison that nobody ends.""")
                .label("model", "Model")
                .label("alias", "Alias")
                .label("version", "Version")
                .without("Value")
                .column("Versions in registry", Unit.COUNT, """
                        max by (job, workspace, model, alias, version) (mlflow_model_alias_info{<model>, alias=~"$alias"})
                        * on (job, workspace, model) group_left ()
                        sum by (job, workspace, model) (mlflow_model_versions{<model>})""")
                .without("job")
                .unit(Unit.COUNT)
                .link(
                        "Version",
                        "Open in MLflow",
                        Panel.MLFLOW
                                + "/models/${__data.fields.Model:percentencode}/versions/${__data.fields.Version}");
    }

    private static Panel lastDeployment() {
        return Panel.of(Kind.TABLE, 12, 8, "Last deployment", """
                        When each alias was last seen to move. What should be retrained weekly and did not move for a month is a \
                        pipeline that stands still.""")
                .label("model", "Model")
                .label("alias", "Alias")
                .mayBeEmpty(NO_MOVE)
                .column("Last deployment", Unit.AGO, """
                        max by (model, alias) (mlflow_last_deployment_timestamp_seconds{<model>, alias=~"$alias"}) * 1000""")
                .column("Age", Unit.SECONDS, """
                        time() - max by (model, alias) (mlflow_last_deployment_timestamp_seconds{<model>, alias=~"$alias"})""")
                .columnColors("Age", "green", "orange", 2_592_000, "red", 7_776_000)
                .unit(Unit.SECONDS)
                .decimals(0)
                .sortedBy("Age");
    }

    private static Panel deployments() {
        return Panel.of(Kind.COLUMNS, 12, 8, "Deployments, by model", """
                        Moves of the chosen aliases in each step of time, rollbacks among them. Columns close together after a \
                        quiet time are often one release that was mended again and again.""")
                .query(
                        "sum by (model) (increase(mlflow_deployments_total{<model>, alias=~\"$alias\"}[$__rate_interval]))",
                        "{{model}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0)
                .interval("6h")
                .colorByName();
    }

    private static Panel rollbacks() {
        return Panel.of(Kind.COLUMNS, 12, 8, "Rollbacks, failures and removals", """
                        Moves back to an older version, deployments to production that were taken back soon, and aliases that were removed. \
                        Each is worth a line in the team's log.""")
                .query(
                        "sum(increase(mlflow_rollbacks_total{<model>, alias=~\"$alias\"}[$__rate_interval]))",
                        "rollbacks")
                .mayBeEmpty("no alias of production moved yet")
                .query(
                        "sum(increase(mlflow_deployment_failures_total{<model>, alias=~\"$alias\"}[$__rate_interval]))",
                        "failed deployments")
                .mayBeEmpty("")
                .query(
                        "sum(increase(mlflow_alias_deletions_total{<model>, alias=~\"$alias\"}[$__rate_interval]))",
                        "aliases removed")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0)
                .interval("6h");
    }

    private static Panel leadTimes() {
        return Panel.of(Kind.TABLE, 12, 8, "Lead time by model, ever", """
                        From the start of the version's run until the alias was seen to point to it, over all deployments ever seen. \
                        Models far above the others wait for something: ask for what.""")
                .exempt("target-counter-agg-rule", "all deployments ever seen, for they are few")
                .label("model", "Model")
                .mayBeEmpty(NO_MOVE)
                .column("Median", Unit.SECONDS, """
                        histogram_quantile(0.5, sum by (model, le)
                        (mlflow_deployment_lead_time_seconds_bucket{<model>, alias=~"$alias"}))""")
                .column("9 in 10 below", Unit.SECONDS, """
                        histogram_quantile(0.9, sum by (model, le)
                        (mlflow_deployment_lead_time_seconds_bucket{<model>, alias=~"$alias"}))""")
                .column("Deployments", Unit.COUNT, """
                        sum by (model) (mlflow_deployment_lead_time_seconds_count{<model>, alias=~"$alias"})""")
                .unit(Unit.SECONDS)
                .decimals(1)
                .columnDecimals("Deployments", 0)
                .sortedBy("Median");
    }

    private static Panel versionsCreated() {
        return Panel.of(Kind.COLUMNS, 12, 8, "Versions created, by model", """
                        Versions registered in each step of time. Many versions and few deployments mean that most are made for \
                        nothing; compare with the panel above.""")
                .query(
                        "sum by (model) (increase(mlflow_model_versions_created_total{<model>}[$__rate_interval]))",
                        "{{model}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0)
                .interval("6h")
                .colorByName();
    }

    private static Panel versions() {
        return Panel.of(Kind.BARS, 10, 9, "Versions in the registry", """
                        How many versions each model has. Hundreds make the registry slow and hard to read: delete those that no alias \
                        needs.""")
                .query("sort_desc(topk(12, sum by (model) (mlflow_model_versions{<model>})))", "{{model}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0)
                .link("", "Open in MLflow", Panel.MLFLOW + "/models/${__field.labels.model:percentencode}");
    }

    private static Panel versionCosts() {
        return Panel.of(Kind.TABLE, 14, 9, "Cost of the newest versions ($currency)", """
                        What the run that made each version cost. A version that cost several times its predecessor ought to be better \
                        by as much: compare the KPIs.""")
                .label("model", "Model")
                .label("version", "Version")
                .column("Created", Unit.TIME, """
                        max by (model, version) (mlflow_model_version_created_timestamp_seconds{<model>}) * 1000""")
                .column("Cost", Unit.MONEY, """
                        max by (model, version) (mlflow_model_version_cost{<model>, <currency>})""")
                .columnDecimals("Cost", 4)
                .unit(Unit.COUNT)
                .sortedBy("Created")
                .link(
                        "Version",
                        "Open in MLflow",
                        Panel.MLFLOW
                                + "/models/${__data.fields.Model:percentencode}/versions/${__data.fields.Version}");
    }
}

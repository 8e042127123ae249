package io.mlflowexporter.dashboards;

/** Whether models do what they are for. */
final class KpiBoard {
    private static final String KPI = "mlflow_kpi{<experiment>, kpi=~\"$kpi\"}";
    private static final String BY = "job, workspace, kpi, experiment, model, selector";

    private KpiBoard() {}

    static Board board() {
        return new Board("mlflow-kpis", "MLflow / KPIs", """
                        What runs logged about how good they are: the newest, the best and the mean value of each KPI, those of the versions \
                        that aliases point to, targets, and what an improvement costs.""", "now-30d")
                .variables(
                        Variable.DATASOURCE,
                        Variable.JOB,
                        Variable.INSTANCE,
                        Variable.WORKSPACE,
                        Variable.EXPERIMENT,
                        Variable.KPI,
                        Variable.CURRENCY,
                        Variable.MLFLOW_URL)
                .marks(
                        "Deployments",
                        "max by (model, alias) (mlflow_last_deployment_timestamp_seconds{<workspace>, alias!~\"challenger.*\"}) * 1000",
                        "{{model}}: {{alias}} moved",
                        "nothing was deployed while the demo ran")
                .panel(met())
                .panel(missed())
                .panel(oldest())
                .panel(unusable())
                .row("Targets")
                .panel(targets())
                .row("Champion and challenger")
                .panel(versions())
                .panel(challenge())
                .row("Value for money")
                .panel(costPerPoint())
                .panel(reasons())
                .row("How each went")
                .panel(each());
    }

    private static Panel met() {
        return Panel.of(Kind.STAT, 6, 4, "Targets met", """
                        Part of the KPIs with a target, counted by experiment and selector, that meet it. Below 100 % the table tells \
                        which do not.""")
                .query("avg(mlflow_kpi_target_met{<experiment>, kpi=~\"$kpi\"})", "met")
                .unit(Unit.RATIO)
                .decimals(0)
                .badBelow(0.8, 1);
    }

    private static Panel missed() {
        return Panel.of(Kind.STAT, 6, 4, "Targets missed by a champion", """
                        KPIs of the versions that the alias `champion` points to that miss their target: what users get at this \
                        moment is worse than promised. Roll back, or retrain.""")
                .query("""
                        count(mlflow_kpi_target_met{<experiment>, kpi=~"$kpi", selector="champion"} == 0)
                        or 0 * max(mlflow_snapshot_complete{<target>})""", "missed")
                .unit(Unit.NUMBER)
                .badAbove(1, 2);
    }

    private static Panel oldest() {
        return Panel.of(Kind.STAT, 6, 4, "Oldest newest value", """
                        Of all KPIs' newest values, the age of the oldest. A KPI that is not measured any more says nothing: find out \
                        which run stopped to log it.""")
                .query(
                        "time() - min(mlflow_kpi_observed_timestamp_seconds{<experiment>, kpi=~\"$kpi\", selector=\"latest\"})",
                        "age")
                .unit(Unit.SECONDS)
                .decimals(0);
    }

    private static Panel unusable() {
        return Panel.of(Kind.STAT, 6, 4, "Runs without a usable value", """
                        Finished runs that logged a KPI's metrics and give no value, as they divide by zero or are not finite. Some are \
                        normal while a model diverges; many are a bug in what is logged.""")
                .query("""
                        sum(mlflow_kpi_unusable_runs{<workspace>, kpi=~"$kpi"})
                        or 0 * max(mlflow_snapshot_complete{<target>})""", "runs")
                .unit(Unit.NUMBER)
                .badAbove(1, 20);
    }

    private static Panel targets() {
        return Panel.of(Kind.TABLE, 24, 10, "Every KPI", """
                        The value of each KPI by experiment and by which run tells it: the newest, the best, the mean, or the version an alias \
                        points to. Where there is a target, whether it is met; old values stand in orange or red.""")
                .label("kpi", "KPI")
                .label("experiment", "Experiment")
                .label("model", "Model")
                .label("selector", "Of")
                .without("job")
                .without("workspace")
                .column("Value", Unit.COUNT, "max by (" + BY + ") (" + KPI + ")")
                .column(
                        "Target",
                        Unit.COUNT,
                        "max by (" + BY + ") (" + KPI + ") * 0 + on (job, kpi) group_left () "
                                + "max by (job, kpi) (mlflow_kpi_target{<target>, kpi=~\"$kpi\"})")
                .column("Met", Unit.YES_NO, "min by (" + BY + ") (mlflow_kpi_target_met{<experiment>, kpi=~\"$kpi\"})")
                .column(
                        "Age",
                        Unit.SECONDS,
                        "time() - max by (" + BY
                                + ") (mlflow_kpi_observed_timestamp_seconds{<experiment>, kpi=~\"$kpi\"})")
                .columnColors("Met", "red", "green", 1)
                .columnColors("Age", "text", "orange", 604_800, "red", 2_592_000)
                .columnDecimals("Value", 4)
                .columnDecimals("Age", 0)
                .unit(Unit.COUNT)
                .link("KPI", "Only this one", "/d/mlflow-kpis?var-kpi=${__data.fields.KPI:percentencode}")
                .link(
                        "Experiment",
                        "Its runs",
                        "/d/mlflow-runs?var-experiment=${__data.fields.Experiment:percentencode}");
    }

    private static Panel versions() {
        return Panel.of(Kind.TABLE, 12, 9, "What aliases' versions achieve", """
                        KPIs of the versions that aliases point to. Compare champion and challenger of the same model before the \
                        alias moves.""")
                .label("model", "Model")
                .label("kpi", "KPI")
                .label("selector", "Alias")
                .without("job")
                .without("workspace")
                .column("Value", Unit.COUNT, """
                        max by (job, workspace, model, kpi, selector) (mlflow_kpi{<experiment>, kpi=~"$kpi", model=~".+"})""")
                .columnDecimals("Value", 4)
                .unit(Unit.COUNT)
                .sortedBy("Model");
    }

    private static Panel challenge() {
        return Panel.of(Kind.TABLE, 12, 9, "Challenger against champion", """
                        How much higher the challenger's value is than the champion's. Whether higher is better depends on the KPI: \
                        accuracy yes, error no.""")
                .label("model", "Model")
                .label("kpi", "KPI")
                .without("job")
                .without("workspace")
                .column("Difference", Unit.COUNT, """
                        max by (job, workspace, model, kpi) (mlflow_kpi{<experiment>, kpi=~"$kpi", selector="challenger"})
                        - max by (job, workspace, model, kpi) (mlflow_kpi{<experiment>, kpi=~"$kpi", selector="champion"})""")
                .columnDecimals("Difference", 4)
                .unit(Unit.COUNT)
                .sortedBy("Model");
    }

    private static Panel costPerPoint() {
        return Panel.of(Kind.TABLE, 12, 8, "Cost of an improvement, 30 days ($currency)", """
                        What the experiment's runs of 30 days cost for each point (0.01 of a ratio, else 1 of the KPI's unit) by which \
                        its best run became better in them. When another point costs \
                        many times the last one, better data may be cheaper than more tuning.""")
                .mayBeEmpty("a KPI need not have improved in the window")
                .label("kpi", "KPI")
                .label("experiment", "Experiment")
                .column("Per point", Unit.MONEY, """
                        max by (kpi, experiment) (mlflow_kpi_cost_per_point{<experiment>, window="30d", kpi=~"$kpi", <currency>})""")
                .columnDecimals("Per point", 2)
                .unit(Unit.MONEY)
                .sortedBy("Per point");
    }

    private static Panel reasons() {
        return Panel.of(Kind.TABLE, 12, 8, "Runs without a usable value, by reason", """
                        Which KPIs' metrics make no value, and why. A division by zero is a count that was never logged; a value that is not \
                        finite a model that diverged.""")
                .label("kpi", "KPI")
                .label("reason", "Reason")
                .mayBeEmpty("the demo's runs may all be usable")
                .column("Runs", Unit.COUNT, """
                        sum by (kpi, reason) (mlflow_kpi_unusable_runs{<workspace>, kpi=~"$kpi"}) > 0""")
                .unit(Unit.COUNT)
                .sortedBy("Runs");
    }

    private static Panel each() {
        return Panel.of(Kind.LINES, 8, 8, "$kpi", """
                        This KPI over time, by experiment and by which run tells it, and its target. A drop after a deployment is a \
                        reason to roll back; a slow decline is drift: retrain.""")
                .query("max by (experiment, model, selector) (" + KPI + ")", "{{selector}}, {{experiment}}")
                .mayBeEmpty("not every KPI has a target")
                .query("max(mlflow_kpi_target{<target>, kpi=~\"$kpi\"})", "target")
                .unit(Unit.COUNT)
                .repeated("kpi");
    }
}

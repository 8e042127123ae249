package io.mlflowexporter.dashboards;

/** One screen for whoever pays and whoever is on call: what is spent, whether it lasts, what fails, what is delivered. */
final class OverviewBoard {
    private OverviewBoard() {}

    static Board board() {
        return new Board("mlflow-overview", "MLflow / Overview", """
                        What MLflow's runs cost, whether budgets last, what fails, what was delivered and whether it meets its \
                        targets. Start here; the other dashboards tell why.""", "now-7d")
                .variables(
                        Variable.DATASOURCE,
                        Variable.JOB,
                        Variable.INSTANCE,
                        Variable.WORKSPACE,
                        Variable.EXPERIMENT,
                        Variable.CURRENCY,
                        Variable.WINDOW,
                        Variable.MLFLOW_URL)
                .marks(
                        "Deployments",
                        "max by (model, alias) (mlflow_last_deployment_timestamp_seconds{<workspace>, alias!~\"challenger.*\"}) * 1000",
                        "{{model}}: {{alias}} moved",
                        "nothing was deployed while the demo ran")
                .panel(spent())
                .panel(burn())
                .panel(forecast())
                .panel(budget())
                .panel(waste())
                .panel(running())
                .panel(age())
                .panel(spending())
                .panel(budgets())
                .panel(experiments())
                .panel(ended())
                .panel(failing())
                .panel(kpis())
                .panel(deployments());
    }

    private static Panel spent() {
        return Panel.of(Kind.STAT, 4, 4, "Computing this month ($currency)", """
                        Estimated cost of all runs since the first of the calendar month. Where it goes and whether \
                        it is more than last month stands in the Cost dashboard.""")
                .query("sum(mlflow_compute_cost{<experiment>, window=\"month\", <currency>})", "spent")
                .unit(Unit.MONEY)
                .decimals(2);
    }

    private static Panel burn() {
        return Panel.of(Kind.STAT, 4, 4, "Burn rate per hour ($currency)", """
                        What an hour of all that runs at this moment costs, stale runs left out. If it stays high while nobody \
                        works, something was left running: see the oldest runs in the Runs dashboard.""")
                .query("""
                        sum(mlflow_compute_cost_per_hour{<experiment>, <currency>})
                        or 0 * max(mlflow_snapshot_complete{<target>})""", "per hour")
                .unit(Unit.MONEY)
                .decimals(2);
    }

    private static Panel forecast() {
        return Panel.of(Kind.STAT, 4, 4, "Forecast for this month ($currency)", """
                        What the whole calendar month is expected to cost, by what was spent so far, what runs now and the last \
                        four weeks. Early in a month it rests on little.""")
                .query("sum(mlflow_cost_forecast{<experiment>, <currency>})", "forecast")
                .unit(Unit.MONEY)
                .decimals(2);
    }

    private static Panel budget() {
        return Panel.of(Kind.GAUGE, 3, 4, "Tightest budget", """
                        The budget of which the largest part is spent in its period. Orange from 80 %, red once it is used up; \
                        the bars below tell which one, and the runbook for budgets what to do.""")
                .query("max(sum by (job, budget) (mlflow_budget_spent_ratio{<target>}))", "spent")
                .unit(Unit.RATIO)
                .range(0, 1.2)
                .badAbove(0.8, 1);
    }

    private static Panel waste() {
        return Panel.of(Kind.STAT, 3, 4, "Wasted, ${window:text}", """
                        Part of the cost that went to runs which failed, were killed or died without saying so. Above 10 % look \
                        at which experiment fails below.""")
                .query("""
                        sum(mlflow_compute_cost{<experiment>, window="$window", <currency>, outcome=~"failed|killed|stale"})
                        / sum(mlflow_compute_cost{<experiment>, window="$window", <currency>})""", "wasted")
                .unit(Unit.RATIO)
                .decimals(1)
                .badAbove(0.1, 0.25);
    }

    private static Panel running() {
        return Panel.of(Kind.STAT, 3, 4, "Stale runs", """
                        Runs that MLflow believes to be running although nothing was heard of them for longer than \
                        refresh.stale_after. They most likely died: end them in MLflow.""")
                .query("sum(mlflow_runs_stale{<experiment>})", "stale")
                .unit(Unit.NUMBER)
                .badAbove(1, 10);
    }

    private static Panel age() {
        return Panel.of(Kind.STAT, 3, 4, "Age of the data", """
                        Time since MLflow was read, of the exporter that lags most. It should stay near refresh.interval; above \
                        five minutes look at the Exporter dashboard, for all numbers here are as old.""")
                .query("time() - min(mlflow_snapshot_timestamp_seconds{<target>})", "age")
                .unit(Unit.SECONDS)
                .decimals(0)
                .badAbove(300, 900);
    }

    private static Panel spending() {
        return Panel.of(Kind.STACK, 12, 8, "Cost of the last 24 hours, by phase ($currency)", """
                        At every point of time, what the 24 hours before it cost, by step of the lifecycle. A hump that lasts \
                        a day is one expensive job; a level that stays is a new habit.""")
                .query("sum by (phase) (mlflow_compute_cost{<experiment>, window=\"1d\", <currency>})", "{{phase}}")
                .unit(Unit.MONEY)
                .from(0)
                .colorByName()
                .link("", "Cost by phase", "/d/mlflow-cost?${__url_time_range}");
    }

    private static Panel budgets() {
        return Panel.of(Kind.BARS, 6, 8, "Budgets, spent and forecast", """
                        How much of each budget is spent in its period, and how much will be at its end. A forecast above 100 % \
                        with a spent part that is still low leaves time to act.""")
                .query("sum by (job, budget) (mlflow_budget_spent_ratio{<target>})", "{{budget}}")
                .query("sum by (job, budget) (mlflow_budget_forecast_ratio{<target>})", "{{budget}}, forecast")
                .unit(Unit.RATIO)
                .decimals(0)
                .range(0, 1.2)
                .badAbove(0.8, 1);
    }

    private static Panel experiments() {
        return Panel.of(Kind.BARS, 6, 8, "Most expensive experiments, ${window:text} ($currency)", """
                        The eight experiments that cost most in the window. Where one dominates, optimise that one: see \
                        its phases in the Cost dashboard and its utilisation in Efficiency.""")
                .query(
                        "sort_desc(topk(8, sum by (experiment) "
                                + "(mlflow_compute_cost{<experiment>, window=\"$window\", <currency>})))",
                        "{{experiment}}")
                .unit(Unit.MONEY)
                .decimals(2)
                .from(0)
                .link("", "Runs of it", "/d/mlflow-runs?var-experiment=${__field.labels.experiment:percentencode}");
    }

    private static Panel ended() {
        return Panel.of(Kind.COLUMNS, 6, 8, "Runs that ended", """
                        How many runs ended in each step of time, by what became of them. A step without any where there are \
                        usually some means that a scheduler or a pipeline stands still.""")
                .query(
                        "sum by (status) (increase(mlflow_runs_ended_total{<experiment>}[$__rate_interval]))",
                        "{{status}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0)
                .interval("30m")
                .colorByOutcome();
    }

    private static Panel failing() {
        return Panel.of(Kind.BARS, 5, 8, "Where runs fail, 7 days", """
                        Part of the runs that ended in the last seven days which failed or were killed, for the experiments and \
                        phases where it is highest. Click for the runs themselves.""")
                .query(
                        "sort_desc(topk(6, max by (experiment, phase) "
                                + "(mlflow_run_error_ratio{<experiment>, window=\"7d\"})))",
                        "{{experiment}} {{phase}}")
                .unit(Unit.RATIO)
                .decimals(0)
                .range(0, 1)
                .badAbove(0.2, 0.5)
                .link("", "Runs of it", "/d/mlflow-runs?var-experiment=${__field.labels.experiment:percentencode}");
    }

    private static Panel kpis() {
        return Panel.of(Kind.TABLE, 8, 8, "KPIs with a target", """
                        The newest value of each KPI that has a target, and whether it is met. A missed one that was met last \
                        week came with a new model or with new data: see the KPIs dashboard for when.""")
                .label("kpi", "KPI")
                .label("experiment", "Experiment")
                .without("job")
                .without("workspace")
                .column("Value", Unit.COUNT, """
                        max by (job, workspace, kpi, experiment) (mlflow_kpi{<experiment>, selector="latest"})
                        and on (job, kpi) max by (job, kpi) (mlflow_kpi_target{<target>})""")
                .column("Target", Unit.COUNT, """
                        max by (job, workspace, kpi, experiment) (mlflow_kpi{<experiment>, selector="latest"}) * 0
                        + on (job, kpi) group_left () max by (job, kpi) (mlflow_kpi_target{<target>})""")
                .column("Met", Unit.YES_NO, """
                        min by (job, workspace, kpi, experiment) (mlflow_kpi_target_met{<experiment>, selector="latest"})""")
                .columnColors("Met", "red", "green", 1)
                .unit(Unit.COUNT)
                .link("KPI", "How it came about", "/d/mlflow-kpis?var-kpi=${__data.fields.KPI:percentencode}");
    }

    private static Panel deployments() {
        return Panel.of(Kind.BARS, 5, 8, "Deployments", """
                        How often an alias was moved to another version, by model, and how often back to an older one. None for \
                        long is a delivery that got stuck; many rollbacks are releases that were not ready.""")
                .query("sum by (model) (increase(mlflow_deployments_total{<workspace>}[$__range]))", "{{model}}")
                .mayBeEmpty("nothing was rolled back while the demo ran")
                .query(
                        "sum by (model) (increase(mlflow_rollbacks_total{<workspace>}[$__range])) > 0",
                        "{{model}}, rolled back")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0)
                .link("", "Delivery", "/d/mlflow-delivery?var-model=${__field.labels.model:percentencode}");
    }
}

package io.mlflowexporter.dashboards;

/** What is spent, on what, by whom, and what it will come to. */
final class CostBoard {
    private static final String IN_WINDOW = "mlflow_compute_cost{<run>, window=\"$window\", <currency>}";

    private CostBoard() {}

    static Board board() {
        return new Board("mlflow-cost", "MLflow / Cost", """
                        What runs cost by experiment, phase, resource, outcome, project and team; budgets and forecasts; what no \
                        price covers; overheads. Estimates by the cost book, not an invoice.""", "now-30d")
                .variables(
                        Variable.DATASOURCE,
                        Variable.JOB,
                        Variable.INSTANCE,
                        Variable.WORKSPACE,
                        Variable.EXPERIMENT,
                        Variable.PHASE,
                        Variable.CURRENCY,
                        Variable.WINDOW,
                        Variable.MLFLOW_URL)
                .panel(spent())
                .panel(burn())
                .panel(forecast())
                .panel(overheads())
                .panel(waste())
                .panel(idle())
                .panel(unpricedShare())
                .row("Where it goes")
                .panel(phases())
                .panel(outcomes())
                .panel(categories())
                .panel(experiments())
                .panel(projects())
                .panel(teams())
                .row("How it went")
                .panel(daily())
                .panel(burnByResource())
                .panel(resources())
                .panel(forecastOverTime())
                .row("Will it last")
                .panel(budgets())
                .panel(windows())
                .row("What it is made of")
                .panel(prices())
                .panel(unpriced());
    }

    private static Panel spent() {
        return Panel.of(Kind.STAT, 4, 4, "Computing, ${window:text} ($currency)", """
                        Estimated cost of what ran inside the window, deleted runs included. Compare it with the forecast \
                        and with the budgets below.""")
                .query("sum(" + IN_WINDOW + ")", "spent")
                .unit(Unit.MONEY)
                .decimals(2);
    }

    private static Panel burn() {
        return Panel.of(Kind.STAT, 4, 4, "Burn rate per hour ($currency)", """
                        What an hour of all that runs now costs, stale runs left out. Compare it with what should be running at \
                        this hour.""")
                .query("""
                        sum(mlflow_compute_cost_per_hour{<experiment>, <currency>})
                        or 0 * max(mlflow_snapshot_complete{<target>})""", "per hour")
                .unit(Unit.MONEY)
                .decimals(2);
    }

    private static Panel forecast() {
        return Panel.of(Kind.STAT, 4, 4, "Forecast for this month ($currency)", """
                        What the whole calendar month is expected to cost in computing. See below how the forecast moved.""")
                .query("sum(mlflow_cost_forecast{<experiment>, <currency>})", "forecast")
                .unit(Unit.MONEY)
                .decimals(2);
    }

    private static Panel overheads() {
        return Panel.of(Kind.STAT, 3, 4, "Overheads ($currency)", """
                        What the cost book says was spent beside computing in the chosen window: infrastructure, data, personnel, \
                        software, operations. It is only as good as the book's entries.""")
                .query("sum(mlflow_overhead_cost{<target>, window=\"$window\", <currency>})", "overheads")
                .unit(Unit.MONEY)
                .decimals(0);
    }

    private static Panel waste() {
        return Panel.of(Kind.STAT, 3, 4, "Wasted, ${window:text}", """
                        Part of the cost that went to runs which failed, were killed or died silently. The ring below tells which; \
                        the Runs dashboard where.""")
                .query("""
                        sum(mlflow_compute_cost{<run>, window="$window", <currency>, outcome=~"failed|killed|stale"})
                        / sum(mlflow_compute_cost{<run>, window="$window", <currency>})""", "wasted")
                .unit(Unit.RATIO)
                .decimals(1)
                .badAbove(0.1, 0.25);
    }

    private static Panel idle() {
        return Panel.of(Kind.STAT, 3, 4, "Idle, ${window:text}", """
                        Part of the cost that paid for GPUs, or without GPUs for CPUs, which did nothing, of runs that logged \
                        system metrics. A high part asks for smaller machines: see Efficiency.""")
                .query("""
                        sum(mlflow_compute_idle_cost{<run>, window="$window", <currency>})
                        / sum(mlflow_compute_cost{<run>, window="$window", <currency>})""", "idle")
                .unit(Unit.RATIO)
                .decimals(1)
                .badAbove(0.3, 0.6);
    }

    private static Panel unpricedShare() {
        return Panel.of(Kind.STAT, 3, 4, "Without a price", """
                        Part of all run time ever seen that no price of the cost book covers: it is not in any cost. Above 0 the \
                        true cost is higher; the table at the bottom tells which rule is missing.""")
                .exempt(
                        "target-counter-agg-rule",
                        "the part of all time ever seen, which is right from the first scrape on")
                .query("""
                        sum(mlflow_compute_unpriced_seconds_total{<run>})
                        / (sum(mlflow_compute_unpriced_seconds_total{<run>}) + sum(mlflow_compute_seconds_total{<run>}))""", "unpriced")
                .unit(Unit.RATIO)
                .decimals(1)
                .badAbove(0.05, 0.2);
    }

    private static Panel phases() {
        return Panel.of(Kind.PIE, 8, 8, "By phase of the lifecycle, ${window:text} ($currency)", """
                        Data, tuning, training, evaluation and what else there is: which step of the lifecycle the money goes to. \
                        `other` are runs that no phase rule knows; name them in phases.rules.""")
                .query("sum by (phase) (" + IN_WINDOW + ")", "{{phase}}")
                .unit(Unit.MONEY)
                .decimals(2)
                .colorByName();
    }

    private static Panel outcomes() {
        return Panel.of(Kind.PIE, 8, 8, "By outcome, ${window:text} ($currency)", """
                        What became of the runs that were paid for. All but finished and running bought nothing; stale runs died \
                        and never said so.""")
                .query("sum by (outcome) (" + IN_WINDOW + ")", "{{outcome}}")
                .unit(Unit.MONEY)
                .decimals(2)
                .colorByOutcome();
    }

    private static Panel categories() {
        return Panel.of(Kind.PIE, 8, 8, "Everything, ${window:text} ($currency)", """
                        Computing beside the overheads of the cost book. Where personnel or licences dominate, cheaper machines \
                        will not change much.""")
                .query(
                        "sum by (category) (mlflow_overhead_cost{<target>, window=\"$window\", <currency>}) > 0",
                        "{{category}}")
                .query("sum(" + IN_WINDOW + ")", "computing")
                .unit(Unit.MONEY)
                .decimals(2)
                .colorByName();
    }

    private static Panel experiments() {
        return Panel.of(Kind.BARS, 8, 9, "By experiment, ${window:text} ($currency)", """
                        The twelve experiments that cost most in the window. Click one for its runs.""")
                .query("sort_desc(topk(12, sum by (experiment) (" + IN_WINDOW + ")))", "{{experiment}}")
                .unit(Unit.MONEY)
                .decimals(2)
                .from(0)
                .link("", "Runs of it", "/d/mlflow-runs?var-experiment=${__field.labels.experiment:percentencode}");
    }

    private static Panel projects() {
        return Panel.of(Kind.BARS, 8, 9, "By project, ${window:text} ($currency)", """
                        By the tag that the cost book's project_tag names, on the run or else its experiment. `none` carries no \
                        such tag: tag those experiments to know whose they are. Not narrowed by experiment or phase.""")
                .query(
                        "sort_desc(topk(12, sum by (project) "
                                + "(mlflow_project_compute_cost{<workspace>, window=\"$window\", <currency>})))",
                        "{{project}}")
                .unit(Unit.MONEY)
                .decimals(2)
                .from(0);
    }

    private static Panel teams() {
        return Panel.of(Kind.BARS, 8, 9, "By team, ${window:text} ($currency)", """
                        By the tag that the cost book's team_tag names, on the run or else its experiment. Use it to show each \
                        team its part. Not narrowed by experiment or phase.""")
                .query(
                        "sort_desc(topk(12, sum by (team) "
                                + "(mlflow_team_compute_cost{<workspace>, window=\"$window\", <currency>})))",
                        "{{team}}")
                .unit(Unit.MONEY)
                .decimals(2)
                .from(0);
    }

    private static Panel daily() {
        return Panel.of(Kind.STACK, 12, 8, "Cost of the last 24 hours, by experiment ($currency)", """
                        At every point of time, what the 24 hours before it cost, for the ten experiments that cost most at the end. A \
                        step up that stays is a schedule that somebody changed.""")
                .query(
                        Promql.largest(
                                10,
                                "experiment",
                                "sum by (experiment) (mlflow_compute_cost{<run>, window=\"1d\", <currency>})"),
                        "{{experiment}}")
                .unit(Unit.MONEY)
                .from(0)
                .colorByName();
    }

    private static Panel burnByResource() {
        return Panel.of(Kind.STACK, 12, 8, "Burn rate by resource ($currency per hour)", """
                        What an hour of the machines in use cost at that time. A plateau through nights and weekends is a machine \
                        that nobody switched off.""")
                .mayBeEmpty("nothing may be running at the moment of the test")
                .query("sum by (resource) (mlflow_compute_cost_per_hour{<experiment>, <currency>})", "{{resource}}")
                .unit(Unit.MONEY)
                .from(0)
                .colorByName();
    }

    private static Panel resources() {
        return Panel.of(Kind.COLUMNS, 12, 8, "Spent per step of time, by resource ($currency)", """
                        How the cost accrued, by the resources of the cost book. Change the time shown to change the step. It begins \
                        when Prometheus began to scrape; for what was before, see the windows.""")
                .query(
                        "sum by (resource) (increase(mlflow_compute_spend_total{<run>, <currency>}[$__rate_interval]))",
                        "{{resource}}")
                .unit(Unit.MONEY)
                .from(0)
                .interval("2h")
                .colorByName();
    }

    private static Panel forecastOverTime() {
        return Panel.of(Kind.LINES, 12, 8, "Month to date and its forecast ($currency)", """
                        Spent since the first of the month and what the whole month was expected to come to at that time. A \
                        forecast that climbs day by day follows new spending: find it above.""")
                .query("sum(mlflow_compute_cost{<experiment>, window=\"month\", <currency>})", "month to date")
                .query("sum(mlflow_cost_forecast{<experiment>, <currency>})", "forecast")
                .unit(Unit.MONEY)
                .from(0);
    }

    private static Panel budgets() {
        return Panel.of(Kind.TABLE, 10, 9, "Budgets", """
                        What may be spent in each budget's calendar period, how much of it is, and how much will be at the end. What to \
                        do about a forecast above 100 % stands in the runbook for budgets.""")
                .label("budget", "Budget")
                .label("currency", "Currency")
                .without("job")
                .column("Amount", Unit.MONEY, "max by (job, budget, currency) (mlflow_budget{<target>})")
                .column("Spent", Unit.RATIO, """
                        sum by (job, budget) (mlflow_budget_spent_ratio{<target>})
                        * on (job, budget) group_right () (max by (job, budget, currency) (mlflow_budget{<target>}) > bool -1)""")
                .column("Forecast", Unit.RATIO, """
                        sum by (job, budget) (mlflow_budget_forecast_ratio{<target>})
                        * on (job, budget) group_right () (max by (job, budget, currency) (mlflow_budget{<target>}) > bool -1)""")
                .columnColors("Spent", "green", "orange", 0.8, "red", 1)
                .columnColors("Forecast", "green", "orange", 0.9, "red", 1)
                .unit(Unit.MONEY)
                .sortedBy("Forecast");
    }

    private static Panel windows() {
        String by = "sum by (experiment) (mlflow_compute_cost{<run>, window=\"%s\", <currency>})";
        return Panel.of(Kind.TABLE, 14, 9, "Each experiment in each window ($currency)", """
                        One day against a week and a month: where the last day is far above a seventh of the week, something began. \
                        Click an experiment for its runs.""")
                .label("experiment", "Experiment")
                .column("24 hours", Unit.MONEY, by.formatted("1d"))
                .column("7 days", Unit.MONEY, by.formatted("7d"))
                .column("30 days", Unit.MONEY, by.formatted("30d"))
                .column("This month", Unit.MONEY, by.formatted("month"))
                .column("Forecast", Unit.MONEY, "sum by (experiment) (mlflow_cost_forecast{<experiment>, <currency>})")
                .unit(Unit.MONEY)
                .decimals(2)
                .sortedBy("30 days")
                .link(
                        "Experiment",
                        "Runs of it",
                        "/d/mlflow-runs?var-experiment=${__data.fields.Experiment:percentencode}");
    }

    private static Panel prices() {
        return Panel.of(Kind.TABLE, 10, 8, "Prices in force", """
                        What one of each resource costs for an hour, factors applied, and where the price is from. Prices of source \
                        `estimate` are the ones to check first.""")
                .label("resource", "Resource")
                .label("source", "Source")
                .label("currency", "Currency")
                .column("Per hour", Unit.MONEY, "max by (resource, source, currency) (mlflow_price_per_hour{<target>})")
                .columnDecimals("Per hour", 4)
                .unit(Unit.MONEY)
                .sortedBy("Per hour");
    }

    private static Panel unpriced() {
        return Panel.of(Kind.TABLE, 14, 8, "Run time without a price", """
                        Time for which runs were busy with something that no price covers, ever. Add a rule or a price for them to \
                        the cost book; the exporter's status page suggests one.""")
                .exempt("target-counter-agg-rule", "all time ever seen, which is right from the first scrape on")
                .label("experiment", "Experiment")
                .label("phase", "Phase")
                .column("Unpriced", Unit.SECONDS, """
                        topk(50, sum by (experiment, phase) (mlflow_compute_unpriced_seconds_total{<run>}) > 0)""")
                .unit(Unit.SECONDS)
                .sortedBy("Unpriced");
    }
}

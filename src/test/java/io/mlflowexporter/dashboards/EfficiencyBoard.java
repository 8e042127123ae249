package io.mlflowexporter.dashboards;

/** Whether what is paid for is used, and where time and energy go. */
final class EfficiencyBoard {
    private static final String ENERGY = "mlflow_energy_joules_total{<run>}";

    private EfficiencyBoard() {}

    static Board board() {
        return new Board("mlflow-efficiency", "MLflow / Efficiency", """
                        Utilisation of what is paid for, idle cost, energy and CO₂, what a successful run costs, and which steps \
                        take the time.""", "now-30d")
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
                .panel(utilisation())
                .panel(idleShare())
                .panel(energy())
                .panel(carbon())
                .panel(bought())
                .row("Utilisation")
                .panel(byExperiment())
                .panel(overTime())
                .panel(idleByExperiment())
                .panel(idleOverTime())
                .row("Training efficiency")
                .panel(costPerSuccess())
                .panel(hoursPerSuccess())
                .row("Bottlenecks")
                .panel(stepShares())
                .panel(steps())
                .panel(stepTimes())
                .row("Energy")
                .panel(power())
                .panel(carbonByExperiment());
    }

    private static Panel utilisation() {
        return Panel.of(Kind.GAUGE, 8, 6, "Mean utilisation, 30 days", """
                        How busy the processors, memory and GPUs of runs that logged system metrics were, a plain mean over \
                        experiments and phases, each weighted by cost within. Below 30 % the machine is too large or waits for data.""")
                .query("avg by (resource) (mlflow_resource_utilization_ratio{<run>})", "{{resource}}")
                .unit(Unit.RATIO)
                .decimals(0)
                .range(0, 1)
                .badBelow(0.3, 0.5);
    }

    private static Panel idleShare() {
        return Panel.of(Kind.STAT, 4, 6, "Idle, ${window:text}", """
                        Part of the cost that paid for an idle GPU or, without GPUs, an idle CPU, by logged system metrics. What logs \
                        none counts as busy, so the truth is worse.""")
                .query("""
                        sum(mlflow_compute_idle_cost{<run>, window="$window", <currency>})
                        / sum(mlflow_compute_cost{<run>, window="$window", <currency>})""", "idle")
                .unit(Unit.RATIO)
                .decimals(1)
                .badAbove(0.3, 0.6);
    }

    private static Panel energy() {
        return Panel.of(Kind.STAT, 4, 6, "Energy in the time shown", """
                        Estimated energy of runs whose power is logged or in the cost book, the site's overhead included. Runs without \
                        either are missing.""")
                .query("sum(increase(" + ENERGY + "[$__range])) / 3600000", "energy")
                .unit(Unit.KILOWATT_HOURS)
                .decimals(2);
    }

    private static Panel carbon() {
        return Panel.of(Kind.STAT, 4, 6, "CO₂ in the time shown", """
                        Estimated carbon dioxide for that energy, by the grams per kilowatt-hour of the cost book. A cleaner region or another time of \
                        day lowers it.""")
                .query("sum(increase(mlflow_carbon_dioxide_grams_total{<run>}[$__range]))", "CO₂")
                .unit(Unit.GRAMS)
                .decimals(1);
    }

    private static Panel bought() {
        return Panel.of(Kind.STAT, 4, 6, "Paid for results", """
                        Part of the cost of the chosen window, of runs that ended, that went to those which finished. The rest failed, was killed or died: see Runs for \
                        where.""")
                .query("""
                        sum(mlflow_compute_cost{<run>, window="$window", <currency>, outcome="finished"})
                        / sum(mlflow_compute_cost{<run>, window="$window", <currency>, outcome!="running"})""", "finished")
                .unit(Unit.RATIO)
                .decimals(1)
                .badBelow(0.75, 0.9);
    }

    private static Panel byExperiment() {
        String of = "max by (experiment, phase) (mlflow_resource_utilization_ratio{<run>, resource=\"%s\"})";
        return Panel.of(Kind.TABLE, 12, 9, "Utilisation by experiment and phase, 30 days", """
                        Mean use of CPU, memory and GPU. A GPU below half beside a busy CPU waits for its data; memory near full is why a run \
                        may be killed; everything low is a machine too large.""")
                .label("experiment", "Experiment")
                .label("phase", "Phase")
                .column("CPU", Unit.RATIO, of.formatted("cpu"))
                .column("Memory", Unit.RATIO, of.formatted("memory"))
                .column("GPU", Unit.RATIO, of.formatted("gpu"))
                .columnColors("CPU", "red", "orange", 0.2, "green", 0.4)
                .columnColors("Memory", "green", "orange", 0.85, "red", 0.95)
                .columnColors("GPU", "red", "orange", 0.3, "green", 0.6)
                .unit(Unit.RATIO)
                .decimals(0)
                .sortedBy("GPU");
    }

    private static Panel overTime() {
        return Panel.of(Kind.LINES, 12, 9, "Utilisation over time", """
                        The mean of the 30 days before each point, so it moves slowly. A steady fall means that machines grew faster than \
                        the work.""")
                .query("avg by (resource) (mlflow_resource_utilization_ratio{<run>})", "{{resource}}")
                .unit(Unit.RATIO)
                .range(0, 1);
    }

    private static Panel idleByExperiment() {
        return Panel.of(Kind.BARS, 12, 8, "Idle cost by experiment, ${window:text} ($currency)", """
                        Where money paid for hardware that did nothing. Begin at the top: a smaller machine, a larger batch, or faster loading \
                        of data.""")
                .query(
                        "sort_desc(topk(10, sum by (experiment) "
                                + "(mlflow_compute_idle_cost{<run>, window=\"$window\", <currency>})))",
                        "{{experiment}}")
                .unit(Unit.MONEY)
                .decimals(2)
                .from(0)
                .link("", "Cost of it", "/d/mlflow-cost?var-experiment=${__field.labels.experiment:percentencode}");
    }

    private static Panel idleOverTime() {
        return Panel.of(Kind.STACK, 12, 8, "Idle cost of the last 24 hours ($currency)", """
                        At every point of time, what idle hardware cost in the 24 hours before it, for the ten experiments where it is most at the \
                        end.""")
                .mayBeEmpty("within the last day no run of the demo may have logged system metrics")
                .query(
                        Promql.largest(
                                10,
                                "experiment",
                                "sum by (experiment) (mlflow_compute_idle_cost{<run>, window=\"1d\", <currency>})"),
                        "{{experiment}}")
                .unit(Unit.MONEY)
                .from(0)
                .colorByName();
    }

    private static Panel costPerSuccess() {
        return Panel.of(Kind.BARS, 12, 9, "Cost per successful run ($currency)", """
                        What all runs ever seen of an experiment cost, divided by those that finished: the price of a result, failures \
                        included. Compare before and after a change of machine.""")
                .exempt("target-counter-agg-rule", "all runs ever seen, which is right from the first scrape on")
                .query("""
                        sort_desc(topk(10, sum by (experiment) (mlflow_outcome_spend_total{<experiment>, <currency>})
                        / (sum by (experiment) (mlflow_runs_ended_total{<experiment>, status="finished"}) > 0)))""", "{{experiment}}")
                .unit(Unit.MONEY)
                .decimals(3)
                .from(0);
    }

    private static Panel hoursPerSuccess() {
        return Panel.of(Kind.BARS, 12, 9, "Resource time per successful run, by phase", """
                        Time of priced resources that all runs ever seen of a phase used, divided by those that finished. A phase that needs \
                        much more than it used to is the one to look into.""")
                .exempt("target-counter-agg-rule", "all runs ever seen, which is right from the first scrape on")
                .query("""
                        sort_desc(sum by (phase) (mlflow_compute_seconds_total{<run>})
                        / (sum by (phase) (mlflow_runs_ended_total{<run>, status="finished"}) > 0))""", "{{phase}}")
                .unit(Unit.SECONDS)
                .decimals(1)
                .from(0);
    }

    private static Panel stepShares() {
        return Panel.of(Kind.PIE, 8, 9, "Where the time of steps goes", """
                        Shares of all time that runs ever logged for their steps, data processing among them. The largest one is the \
                        bottleneck: making any other faster gains less.""")
                .exempt("target-counter-agg-rule", "all steps ever logged, which is right from the first scrape on")
                .query("sum by (step) (mlflow_step_duration_seconds_sum{<experiment>})", "{{step}}")
                .unit(Unit.SECONDS)
                .decimals(1)
                .colorByName();
    }

    private static Panel steps() {
        return Panel.of(Kind.TABLE, 8, 9, "Steps by experiment", """
                        How long each step took, half of the runs less than the median. A step whose last column is far above its median \
                        sometimes waits for something.""")
                .exempt("target-counter-agg-rule", "all steps ever logged, which is right from the first scrape on")
                .label("experiment", "Experiment")
                .label("step", "Step")
                .column("Median", Unit.SECONDS, """
                        histogram_quantile(0.5, sum by (experiment, step, le) (mlflow_step_duration_seconds_bucket{<experiment>}))""")
                .column("9 in 10 below", Unit.SECONDS, """
                        histogram_quantile(0.9, sum by (experiment, step, le) (mlflow_step_duration_seconds_bucket{<experiment>}))""")
                .column("All", Unit.SECONDS, """
                        sum by (experiment, step) (mlflow_step_duration_seconds_sum{<experiment>})""")
                .unit(Unit.SECONDS)
                .decimals(1)
                .sortedBy("All");
    }

    private static Panel stepTimes() {
        return Panel.of(Kind.LINES, 8, 9, "Mean duration of steps", """
                        How long each step took on average around then. A step that grows with the data while others stay will be the \
                        bottleneck soon.""")
                .mayBeEmpty("no run that logs steps ended while the test looked on")
                .query("""
                        sum by (step) (rate(mlflow_step_duration_seconds_sum{<experiment>}[$__rate_interval]))
                        / (sum by (step) (rate(mlflow_step_duration_seconds_count{<experiment>}[$__rate_interval])) > 0)""", "{{step}}")
                .unit(Unit.SECONDS)
                .from(0)
                .interval("6h")
                .colorByName();
    }

    private static Panel power() {
        return Panel.of(Kind.STACK, 12, 8, "Power, by phase", """
                        Estimated mean power of runs in each step of time, the site's overhead included. What draws power at night should \
                        be known to somebody.""")
                .query("sum by (phase) (rate(" + ENERGY + "[$__rate_interval]))", "{{phase}}")
                .unit(Unit.WATTS)
                .from(0)
                .interval("30m")
                .colorByName();
    }

    private static Panel carbonByExperiment() {
        return Panel.of(Kind.BARS, 12, 8, "CO₂ by experiment, ever", """
                        Estimated carbon dioxide of all runs ever seen. Begin at the top: what saves GPU hours there saves both money and \
                        emissions.""")
                .exempt("target-counter-agg-rule", "all runs ever seen, which is right from the first scrape on")
                .query(
                        "sort_desc(topk(10, sum by (experiment) (mlflow_carbon_dioxide_grams_total{<run>})))",
                        "{{experiment}}")
                .unit(Unit.GRAMS)
                .decimals(1)
                .from(0);
    }
}

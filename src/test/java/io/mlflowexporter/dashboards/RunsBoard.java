package io.mlflowexporter.dashboards;

/** What runs, how long, what fails and what hangs. */
final class RunsBoard {
    private static final String RUN_LINK = Panel.MLFLOW + "/runs/${__data.fields.Run}";

    private RunsBoard() {}

    static Board board() {
        Board board = new Board("mlflow-runs", "MLflow / Runs", """
                        Runs by experiment, phase and status: what runs now, when experiments, models, versions and runs were made, \
                        how long runs take, which fail, hang or have not succeeded for long.""", "now-7d")
                .variables(
                        Variable.DATASOURCE,
                        Variable.JOB,
                        Variable.INSTANCE,
                        Variable.WORKSPACE,
                        Variable.EXPERIMENT,
                        Variable.PHASE,
                        Variable.MLFLOW_URL)
                .panel(active())
                .panel(scheduled())
                .panel(stale())
                .panel(oldest())
                .panel(runs())
                .panel(failed());
        RunHistoryPanels.add(board.row("What was made, and when"));
        return board.row("How long they take")
                .panel(heat())
                .panel(usual())
                .panel(quantiles())
                .panel(queue())
                .row("What fails, hangs or is missing")
                .panel(ended())
                .panel(errors())
                .panel(oldestActive())
                .panel(staleByExperiment())
                .panel(lastSuccess())
                .panel(retries())
                .row("The newest runs")
                .panel(newest());
    }

    private static Panel active() {
        return Panel.of(Kind.STAT, 4, 4, "Running", """
                        Runs that MLflow says are running, those that died silently included. Subtract the stale ones to know what \
                        really runs.""")
                .query("sum(mlflow_runs{<run>, status=\"running\"})", "running")
                .unit(Unit.NUMBER);
    }

    private static Panel scheduled() {
        return Panel.of(Kind.STAT, 4, 4, "Scheduled", """
                        Runs that wait to be started. A number that stays means that nothing picks them up: look at the backend \
                        that should.""")
                .query("sum(mlflow_runs{<run>, status=\"scheduled\"}) or 0 * sum(mlflow_runs{<run>})", "scheduled")
                .unit(Unit.NUMBER);
    }

    private static Panel stale() {
        return Panel.of(Kind.STAT, 4, 4, "Stale", """
                        Active runs without a sign of life for longer than refresh.stale_after. They most likely died: end them in \
                        MLflow, for until then they hide what runs.""")
                .query("sum(mlflow_runs_stale{<run>})", "stale")
                .unit(Unit.NUMBER)
                .badAbove(1, 10);
    }

    private static Panel oldest() {
        return Panel.of(Kind.STAT, 4, 4, "Oldest active run", """
                        How long ago the oldest run that has not ended began, stale ones included. Compare it with how long such \
                        runs usually take; the table below tells which it is.""")
                .query("max(mlflow_oldest_active_run_age_seconds{<run>})", "oldest")
                .unit(Unit.SECONDS)
                .decimals(0);
    }

    private static Panel runs() {
        return Panel.of(Kind.STAT, 4, 4, "Runs in MLflow", """
                        Runs that are not deleted, of every status. A drop is a clean-up, or an experiment that was deleted.""")
                .query("sum(mlflow_runs{<run>})", "runs")
                .unit(Unit.COUNT);
    }

    private static Panel failed() {
        return Panel.of(Kind.STAT, 4, 4, "Failed or killed", """
                        Part of the runs which ended in the time shown that failed or were killed. Above 20 % something is broken \
                        for many: see below where.""")
                .query("""
                        sum(increase(mlflow_runs_ended_total{<run>, status=~"failed|killed"}[$__range]))
                        / (sum(increase(mlflow_runs_ended_total{<run>}[$__range])) > 0)
                        or 0 * sum(mlflow_runs{<run>})""", "failed")
                .unit(Unit.RATIO)
                .decimals(1)
                .badAbove(0.1, 0.2);
    }

    private static Panel heat() {
        return Panel.of(Kind.HEAT, 16, 9, "How long the runs took that ended", """
                        Each column is a step of time, each cell how many of the runs that ended in it took about so long; dots are \
                        single runs, with their id. A band that moves up is a slowdown. Only successful runs.""")
                .query(
                        "sum by (le) (increase(mlflow_run_duration_seconds_bucket{<run>, status=\"finished\"}[$__rate_interval]))",
                        "{{le}}")
                .exempt("target-histogram-rule", "a heat map shows the buckets themselves")
                .unit(Unit.SECONDS)
                .interval("30m")
                .exemplars();
    }

    private static Panel usual() {
        return Panel.of(Kind.TABLE, 8, 9, "Usual duration by phase", """
                        Half of all successful runs ever seen took less than the median, one in ten more than the last column. A run \
                        that takes longer than that is worth a look.""")
                .exempt("target-counter-agg-rule", "all runs ever seen, which is right from the first scrape on")
                .label("phase", "Phase")
                .column("Median", Unit.SECONDS, """
                        histogram_quantile(0.5, sum by (phase, le)
                        (mlflow_run_duration_seconds_bucket{<run>, status="finished"}))""")
                .column("9 in 10 below", Unit.SECONDS, """
                        histogram_quantile(0.9, sum by (phase, le)
                        (mlflow_run_duration_seconds_bucket{<run>, status="finished"}))""")
                .column("Runs", Unit.COUNT, """
                        sum by (phase) (mlflow_run_duration_seconds_count{<run>, status="finished"})""")
                .unit(Unit.SECONDS)
                .decimals(0)
                .sortedBy("Median");
    }

    private static Panel quantiles() {
        return Panel.of(Kind.LINES, 16, 8, "Nine in ten took less, by phase", """
                        The duration that nine in ten of the successful runs which ended around then stayed below. A line that climbs is \
                        more data, slower machines or worse code: compare the steps in Efficiency. Dots are single runs.""")
                .mayBeEmpty("no run ended while the test looked on")
                .query("""
                        histogram_quantile(0.9, sum by (phase, le)
                        (rate(mlflow_run_duration_seconds_bucket{<run>, status="finished"}[$__rate_interval])))""", "{{phase}}")
                .unit(Unit.SECONDS)
                .from(0)
                .interval("2h")
                .colorByName()
                .exemplars();
    }

    private static Panel queue() {
        return Panel.of(Kind.TABLE, 8, 8, "Waiting to be started", """
                        How long runs were scheduled before they started, and how long the oldest one still waiting has. Long waits \
                        ask for more workers, or for fewer runs at once.""")
                .exempt("target-counter-agg-rule", "all runs ever seen, which is right from the first scrape on")
                .label("experiment", "Experiment")
                .label("phase", "Phase")
                .mayBeEmpty("no run of the demo was scheduled before it started")
                .column("Median wait", Unit.SECONDS, """
                        histogram_quantile(0.5, sum by (experiment, phase, le) (mlflow_run_queue_seconds_bucket{<run>}))""")
                .column("9 in 10 below", Unit.SECONDS, """
                        histogram_quantile(0.9, sum by (experiment, phase, le) (mlflow_run_queue_seconds_bucket{<run>}))""")
                .mayBeEmpty("")
                .column("Still waiting", Unit.SECONDS, """
                        max by (experiment, phase) (mlflow_oldest_scheduled_run_age_seconds{<run>})""")
                .unit(Unit.SECONDS)
                .decimals(0)
                .sortedBy("Still waiting");
    }

    private static Panel ended() {
        return Panel.of(Kind.COLUMNS, 12, 8, "Runs that ended, by status", """
                        How many runs ended in each step of time, by how. A red column is a bad day; red in every column is a job \
                        that nobody looks at.""")
                .query("sum by (status) (increase(mlflow_runs_ended_total{<run>}[$__rate_interval]))", "{{status}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0)
                .interval("30m")
                .colorByOutcome();
    }

    private static Panel errors() {
        String ratio = "max by (experiment, phase) (mlflow_run_error_ratio{<run>, window=\"%s\"})";
        return Panel.of(Kind.TABLE, 12, 8, "Failed or killed, of the runs that ended", """
                        By experiment and phase, over a day, a week and 30 days. A day far worse than the month broke just now; a \
                        month that is bad throughout needs a decision.""")
                .label("experiment", "Experiment")
                .label("phase", "Phase")
                .mayBeEmpty("within the last day few runs of the demo may have ended")
                .column("24 hours", Unit.RATIO, ratio.formatted("1d"))
                .mayBeEmpty("")
                .column("7 days", Unit.RATIO, ratio.formatted("7d"))
                .column("30 days", Unit.RATIO, ratio.formatted("30d"))
                .columnColors("24 hours", "green", "orange", 0.1, "red", 0.2)
                .columnColors("7 days", "green", "orange", 0.1, "red", 0.2)
                .columnColors("30 days", "green", "orange", 0.1, "red", 0.2)
                .unit(Unit.RATIO)
                .decimals(0)
                .sortedBy("7 days");
    }

    private static Panel oldestActive() {
        return Panel.of(Kind.TABLE, 8, 8, "Oldest active runs", """
                        By experiment and phase, how long ago the oldest run that has not ended began. One older than it can be is \
                        stale or stuck: end it.""")
                .label("experiment", "Experiment")
                .label("phase", "Phase")
                .column("Age", Unit.SECONDS, """
                        topk(20, max by (experiment, phase) (mlflow_oldest_active_run_age_seconds{<run>}))""")
                .columnColors("Age", "green", "orange", 86_400, "red", 259_200)
                .unit(Unit.SECONDS)
                .decimals(0)
                .sortedBy("Age");
    }

    private static Panel staleByExperiment() {
        return Panel.of(Kind.BARS, 8, 8, "Stale runs, by experiment and phase", """
                        Where runs died without a word. Many in one place is a machine that is taken away while they run, such as a spot \
                        instance, or a notebook that is closed.""")
                .query(
                        "sort_desc(topk(12, sum by (experiment, phase) (mlflow_runs_stale{<run>}) > 0))",
                        "{{experiment}} {{phase}}")
                .unit(Unit.NUMBER)
                .from(0)
                .badAbove(0, 5);
    }

    private static Panel lastSuccess() {
        return Panel.of(Kind.TABLE, 8, 8, "Last success", """
                        By experiment and phase, when a run last finished well. What should run daily and has not for days is a \
                        broken schedule: alert on it.""")
                .label("experiment", "Experiment")
                .label("phase", "Phase")
                .column("Last success", Unit.AGO, """
                        max by (experiment, phase) (mlflow_last_success_timestamp_seconds{<run>}) * 1000""")
                .column("Age", Unit.SECONDS, """
                        time() - max by (experiment, phase) (mlflow_last_success_timestamp_seconds{<run>})""")
                .unit(Unit.SECONDS)
                .decimals(0)
                .sortedBy("Age");
    }

    private static Panel retries() {
        return Panel.of(Kind.BARS, 24, 5, "Retry storms", """
                        The longest row of runs of one name and equal params that failed one after the other within a day, with no success \
                        since. Stop what tries again before it spends the budget, then mend what fails. Nothing here is good.""")
                .mayBeEmpty("the demo does not try again")
                .query(
                        "sort_desc(topk(8, max by (experiment, phase) (mlflow_retry_storm_runs{<run>}) > 0))",
                        "{{experiment}} {{phase}}")
                .unit(Unit.NUMBER)
                .from(0)
                .badAbove(1, 5);
    }

    private static Panel newest() {
        // Two exporters of one MLflow may tell two states of a run for a moment: one of them is taken.
        String joined = """
                max by (job, workspace, experiment, phase, run_id) (%s{<run>})
                * on (job, run_id) group_left (run_name, status, user, estimator_class)
                topk by (job, run_id) (1,
                max by (job, run_id, run_name, status, user, estimator_class) (mlflow_recent_run_info{<run>}))""";
        return Panel.of(Kind.TABLE, 24, 12, "Newest runs", """
                        The runs that the exporter keeps by themselves (exposition.recent_runs), newest first. Click the id to \
                        open the run in MLflow, at the address above.""")
                .label("run_id", "Run")
                .label("run_name", "Name")
                .label("experiment", "Experiment")
                .label("phase", "Phase")
                .label("status", "Status")
                .label("user", "User")
                .label("estimator_class", "Estimator")
                .without("job")
                .column(
                        "Started",
                        Unit.TIME,
                        joined.formatted("mlflow_recent_run_started_timestamp_seconds") + " * 1000")
                .column("Duration", Unit.SECONDS, joined.formatted("mlflow_recent_run_duration_seconds"))
                .columnDecimals("Duration", 0)
                .unit(Unit.NUMBER)
                .sortedBy("Started")
                .columnWidth("Run", 290)
                .columnWidth("Started", 170)
                .columnWidth("Duration", 110)
                .columnWidth("Status", 90)
                .columnWidth("Phase", 110)
                .link("Run", "Open in MLflow", RUN_LINK);
    }
}

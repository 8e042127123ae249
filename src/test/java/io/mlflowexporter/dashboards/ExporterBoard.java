package io.mlflowexporter.dashboards;

/** Whether the exporter itself is well, and what it costs MLflow. */
final class ExporterBoard {
    private ExporterBoard() {}

    static Board board() {
        return new Board("mlflow-exporter", "MLflow / Exporter", """
                        Whether the numbers of the other dashboards are fresh and whole, what reading MLflow takes, and how the process \
                        is doing. What to do about each stands in docs/operations.md.""", "now-6h")
                .variables(Variable.DATASOURCE, Variable.JOB, Variable.INSTANCE, Variable.MLFLOW_URL)
                .panel(up())
                .panel(complete())
                .panel(age())
                .panel(version())
                .panel(dropped())
                .panel(anomalies())
                .panel(uptime())
                .row("Reading MLflow")
                .panel(freshness())
                .panel(refreshes())
                .panel(refreshTime())
                .panel(requests())
                .panel(latency())
                .panel(bytes())
                .panel(failures())
                .panel(catalog())
                .panel(resync())
                .row("What is served")
                .panel(series())
                .panel(cut())
                .panel(wrong())
                .row("Restarts and reloads")
                .panel(checkpointAge())
                .panel(checkpointSize())
                .panel(checkpointFailures())
                .panel(reload())
                .row("The process")
                .panel(heap())
                .panel(cpu())
                .panel(collections())
                .panel(threads());
    }

    private static Panel up() {
        return Panel.of(Kind.STAT, 3, 4, "MLflow reached", """
                        Whether each exporter's last refresh read MLflow to the end. If not, the log and the status page on port 9819 \
                        tell why: address, credentials, or a server that is down.""")
                .query("min(mlflow_up{<target>})", "up")
                .unit(Unit.NUMBER)
                .badBelow(1, 1)
                .mapping("0", "no", "red")
                .mapping("1", "yes", "green");
    }

    private static Panel complete() {
        return Panel.of(Kind.STAT, 3, 4, "Snapshot complete", """
                        Whether what is served holds all that the filters select. If not, a part was never read, was withdrawn as too \
                        old, or an experiment is set aside: the status page names it.""")
                .query("min(mlflow_snapshot_complete{<target>})", "complete")
                .unit(Unit.NUMBER)
                .badBelow(1, 1)
                .mapping("0", "no", "red")
                .mapping("1", "yes", "green");
    }

    private static Panel age() {
        return Panel.of(Kind.STAT, 4, 4, "Age of the data", """
                        Time since MLflow was read, of the exporter that lags most. Past refresh.max_staleness its families are withdrawn.""")
                .query("time() - min(mlflow_snapshot_timestamp_seconds{<target>})", "age")
                .unit(Unit.SECONDS)
                .decimals(0)
                .badAbove(300, 900);
    }

    private static Panel version() {
        return Panel.of(Kind.STAT, 4, 4, "Version", """
                        What is running. More than one is an update under way, or one that got stuck.""")
                .query("count by (version) (mlflow_exporter_build_info{<target>})", "{{version}}")
                .unit(Unit.NUMBER)
                .nameOnly();
    }

    private static Panel dropped() {
        return Panel.of(Kind.STAT, 3, 4, "Series cut", """
                        Series that are not there by themselves, since their family is over exposition.series_per_family. Raise it, or \
                        read fewer experiments, if each of them matters.""")
                .query("sum(mlflow_exporter_series_dropped{<target>})", "series")
                .unit(Unit.COUNT)
                .badAbove(1, 1_000);
    }

    private static Panel anomalies() {
        return Panel.of(Kind.STAT, 3, 4, "Impossible data", """
                        Runs, aliases and versions whose data is impossible, such as an end before the start. A few are clocks; many are a \
                        client that logs wrongly: the table below tells what.""")
                .query("sum(mlflow_exporter_anomalies{<target>})", "how many")
                .unit(Unit.COUNT)
                .badAbove(10, 100);
    }

    private static Panel uptime() {
        return Panel.of(Kind.STAT, 4, 4, "Uptime", """
                        Since the exporter was started, of the youngest. A short one that nobody asked for is a crash: see its log.""")
                .query("time() - max(process_start_time_seconds{<target>})", "uptime")
                .unit(Unit.SECONDS)
                .decimals(0);
    }

    private static Panel freshness() {
        return Panel.of(Kind.LINES, 8, 8, "Age of the data, by exporter", """
                        A saw: up by a second each second, down at each refresh. Where the teeth grow, refreshes take longer than \
                        refresh.interval or fail.""")
                .query("time() - max by (instance) (mlflow_snapshot_timestamp_seconds{<target>})", "{{instance}}")
                .unit(Unit.SECONDS)
                .from(0);
    }

    private static Panel refreshes() {
        return Panel.of(Kind.COLUMNS, 8, 8, "Refreshes, by outcome", """
                        How many refreshes ended, and how: partial ones could not read tracking or the registry, failed ones neither. The log has a \
                        line for each kind of failure.""")
                .query(
                        "sum by (outcome) (increase(mlflow_exporter_refreshes_total{<target>}[$__rate_interval]))",
                        "{{outcome}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0);
    }

    private static Panel refreshTime() {
        return Panel.of(Kind.LINES, 8, 8, "How long refreshes take", """
                        Half and nineteen in twenty of the refreshes took less. Near refresh.interval, raise it, read fewer experiments, or \
                        split them among shards.""")
                .query("""
                        histogram_quantile(0.5, sum by (le)
                        (rate(mlflow_exporter_refresh_duration_seconds_bucket{<target>}[$__rate_interval])))""", "median")
                .query("""
                        histogram_quantile(0.95, sum by (le)
                        (rate(mlflow_exporter_refresh_duration_seconds_bucket{<target>}[$__rate_interval])))""", "19 in 20 below")
                .unit(Unit.SECONDS)
                .from(0);
    }

    private static Panel requests() {
        return Panel.of(Kind.STACK, 8, 8, "Requests to MLflow, by operation", """
                        What the exporter asks of the server, retries included. mlflow.max_requests_per_second bounds it.""")
                .query(
                        "sum by (operation) (rate(mlflow_exporter_api_requests_total{<target>}[$__rate_interval]))",
                        "{{operation}}")
                .unit(Unit.REQUESTS_PER_SECOND)
                .from(0);
    }

    private static Panel latency() {
        return Panel.of(Kind.LINES, 8, 8, "MLflow's answers, nine in ten within", """
                        How long MLflow takes to answer, by operation. If it grows while the catalog does not, the server or its \
                        database is slow.""")
                .query("""
                        histogram_quantile(0.9, sum by (operation, le)
                        (rate(mlflow_exporter_api_request_duration_seconds_bucket{<target>}[$__rate_interval])))""", "{{operation}}")
                .unit(Unit.SECONDS)
                .from(0);
    }

    private static Panel bytes() {
        return Panel.of(Kind.STACK, 8, 8, "Bytes from MLflow, by operation", """
                        What answers weigh on the network. Peaks of runs/search are experiments with very many metrics or params.""")
                .query(
                        "sum by (operation) (rate(mlflow_exporter_api_received_bytes_total{<target>}[$__rate_interval]))",
                        "{{operation}}")
                .unit(Unit.BYTES_PER_SECOND)
                .from(0);
    }

    private static Panel failures() {
        return Panel.of(Kind.COLUMNS, 8, 8, "Requests that failed, by code", """
                        Answers that were no success, by HTTP status or kind of failure. 401 and 403 are credentials, 429 is a limit, 5xx the server, \
                        timeout a slow one. Empty is good.""")
                .mayBeEmpty("the demo's requests do not fail")
                .query("""
                        sum by (code) (increase(mlflow_exporter_api_requests_total{<target>, code!~"2.."}[$__rate_interval])) > 0""", "{{code}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0);
    }

    private static Panel catalog() {
        return Panel.of(Kind.LINES, 8, 8, "Objects held", """
                        What the exporter keeps of MLflow, deleted and vanished runs included. Memory grows with it: see docs/benchmarks.md for how \
                        much.""")
                .query("sum by (kind) (mlflow_exporter_catalog_entries{<target>})", "{{kind}}")
                .unit(Unit.COUNT)
                .logScale();
    }

    private static Panel resync() {
        return Panel.of(Kind.TABLE, 8, 8, "Rereading known runs", """
                        Edits of ended runs leave no trace in MLflow and are found by reading the runs again (resync). How far that is, how \
                        long ago the last round ended, how long ago the run that waits longest was read, and experiments that are set \
                        aside because one of their runs is too large.""")
                .label("instance", "Exporter")
                .without("job")
                .column("Round", Unit.RATIO, """
                        max by (job, instance) (mlflow_exporter_resync_progress_ratio{<target>})""")
                .mayBeEmpty("the first round need not have ended yet")
                .column("Last ended", Unit.AGO, """
                        max by (job, instance) (mlflow_exporter_resync_completed_timestamp_seconds{<target>}) * 1000""")
                .mayBeEmpty("")
                .column("Oldest read", Unit.AGO, """
                        max by (job, instance) (mlflow_exporter_resync_oldest_read_timestamp_seconds{<target>}) * 1000""")
                .mayBeEmpty("there need not be any runs")
                .column("Set aside", Unit.COUNT, """
                        max by (job, instance) (mlflow_exporter_experiments_set_aside{<target>})""")
                .columnColors("Set aside", "green", "red", 1)
                .unit(Unit.RATIO)
                .decimals(0);
    }

    private static Panel series() {
        return Panel.of(Kind.BARS, 8, 9, "Series, by family", """
                        The families with the most series, a histogram's counted as one. What Prometheus has to store; lower \
                        exposition.recent_runs or exposition.series_per_family where it is too much.""")
                .query("sort_desc(topk(12, sum by (family) (mlflow_exporter_series{<target>})))", "{{family}}")
                .unit(Unit.COUNT)
                .decimals(0)
                .from(0);
    }

    private static Panel cut() {
        return Panel.of(Kind.TABLE, 8, 9, "Families over their budget", """
                        Families of which series were added up in _other or left out, and how many. Empty is good.""")
                .mayBeEmpty("the demo is small: nothing is over its budget")
                .label("family", "Family")
                .column(
                        "Not by themselves",
                        Unit.COUNT,
                        "sum by (family) (mlflow_exporter_series_dropped{<target>}) > 0")
                .unit(Unit.COUNT)
                .sortedBy("Not by themselves");
    }

    private static Panel wrong() {
        return Panel.of(Kind.TABLE, 8, 9, "Impossible data, by kind", """
                        How many runs, aliases and versions have which impossible data, and how many cost counters wait since a correction \
                        made the truth less than what was said. Runs of some kinds are left out of durations.""")
                .label("kind", "Kind")
                .column("How many", Unit.COUNT, """
                        sum by (kind) (mlflow_exporter_anomalies{<target>})
                        or label_replace(sum(mlflow_exporter_ledger_clamped_series{<target>}), "kind", "cost counters that wait", "", "")""")
                .columnColors("How many", "green", "orange", 1, "red", 100)
                .unit(Unit.COUNT)
                .sortedBy("How many");
    }

    private static Panel checkpointAge() {
        return Panel.of(Kind.LINES, 8, 8, "Age of the checkpoint", """
                        How long ago each exporter wrote what a restart goes on from. It should stay near checkpoint.interval. Nothing here \
                        means that none is configured.""")
                .query("""
                        time() - max by (instance) (mlflow_exporter_checkpoint_timestamp_seconds{<target>} > 0)""", "{{instance}}")
                .unit(Unit.SECONDS)
                .from(0);
    }

    private static Panel checkpointSize() {
        return Panel.of(Kind.LINES, 6, 8, "Size of the checkpoint", """
                        Have five times as much free on its disk: the one being written and three set aside stand beside it.""")
                .query("max by (instance) (mlflow_exporter_checkpoint_size_bytes{<target>})", "{{instance}}")
                .unit(Unit.BYTES)
                .from(0);
    }

    private static Panel checkpointFailures() {
        return Panel.of(Kind.STAT, 5, 8, "Checkpoints not written", """
                        Writes that failed in the time shown: a full or read-only disk. The exporter goes on in memory, but a restart would lose what \
                        happened since.""")
                .query("sum(increase(mlflow_exporter_checkpoint_write_failures_total{<target>}[$__range]))", "failed")
                .unit(Unit.COUNT)
                .decimals(0)
                .badAbove(1, 5);
    }

    private static Panel reload() {
        return Panel.of(Kind.STAT, 5, 8, "Files in force", """
                        Whether every file that is read again was valid when it was last read. If not, an older version is in force: \
                        check-config tells every mistake with its line.""")
                .query("min(mlflow_exporter_config_last_reload_successful{<target>})", "valid")
                .unit(Unit.NUMBER)
                .badBelow(1, 1)
                .mapping("0", "older one", "red")
                .mapping("1", "newest", "green");
    }

    private static Panel heap() {
        return Panel.of(Kind.LINES, 8, 8, "Memory", """
                        Heap in use, its bound, and what the process takes in all. Heap that stays near its bound after collections asks for \
                        a larger -Xmx.""")
                .query("sum(jvm_memory_used_bytes{<target>, area=\"heap\"})", "heap used")
                .query("sum(jvm_memory_max_bytes{<target>, area=\"heap\"})", "heap bound")
                .query("sum(process_resident_memory_bytes{<target>})", "process")
                .unit(Unit.BYTES)
                .from(0);
    }

    private static Panel cpu() {
        return Panel.of(Kind.LINES, 6, 8, "Processors in use", """
                        1 is one processor kept busy. It should peak at refreshes and be near 0 between them.""")
                .query(
                        "sum by (instance) (rate(process_cpu_seconds_total{<target>}[$__rate_interval]))",
                        "{{instance}}")
                .unit(Unit.COUNT)
                .from(0);
    }

    private static Panel collections() {
        return Panel.of(Kind.LINES, 5, 8, "Time in garbage collection", """
                        Part of the time spent collecting garbage. Above 10 % the heap is too small.""")
                .query("sum by (gc) (rate(jvm_gc_collection_seconds_sum{<target>}[$__rate_interval]))", "{{gc}}")
                .unit(Unit.RATIO)
                .from(0);
    }

    private static Panel threads() {
        return Panel.of(Kind.LINES, 5, 8, "Threads and open files", """
                        Both should stay level. What climbs for days is a leak: report it.""")
                .query("sum(jvm_threads_current{<target>})", "threads")
                .query("sum(process_open_fds{<target>})", "open files")
                .unit(Unit.COUNT)
                .from(0);
    }
}

package io.mlflowexporter.metrics;

import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Merge;
import io.mlflowexporter.metric.HistogramLayout;
import io.mlflowexporter.metrics.MetricCatalogue.Subject;
import io.mlflowexporter.pipeline.AnomalyFamilies;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes {@code docs/metrics.md} out of the declarations. */
final class MetricReference {
    /** What client_java's JVM instrumentation adds; some only where the JVM or the system tells. */
    static final List<String> PROCESS_FAMILIES = List.of(
            "process_cpu_seconds_total",
            "process_max_fds",
            "process_open_fds",
            "process_resident_memory_bytes",
            "process_start_time_seconds",
            "process_virtual_memory_bytes",
            "jvm_buffer_pool_capacity_bytes",
            "jvm_buffer_pool_used_buffers",
            "jvm_buffer_pool_used_bytes",
            "jvm_classes_currently_loaded",
            "jvm_classes_loaded_total",
            "jvm_classes_unloaded_total",
            "jvm_compilation_time_seconds_total",
            "jvm_gc_collection_seconds",
            "jvm_memory_committed_bytes",
            "jvm_memory_init_bytes",
            "jvm_memory_max_bytes",
            "jvm_memory_objects_pending_finalization",
            "jvm_memory_pool_allocated_bytes_total",
            "jvm_memory_pool_collection_committed_bytes",
            "jvm_memory_pool_collection_init_bytes",
            "jvm_memory_pool_collection_max_bytes",
            "jvm_memory_pool_collection_used_bytes",
            "jvm_memory_pool_committed_bytes",
            "jvm_memory_pool_init_bytes",
            "jvm_memory_pool_max_bytes",
            "jvm_memory_pool_used_bytes",
            "jvm_memory_used_bytes",
            "jvm_runtime_info",
            "jvm_threads_current",
            "jvm_threads_daemon",
            "jvm_threads_deadlocked",
            "jvm_threads_deadlocked_monitor",
            "jvm_threads_peak",
            "jvm_threads_started_total",
            "jvm_threads_state");

    /** What each label says; a test holds this to the labels declared. */
    static final Map<String, String> LABELS = labels();

    private static final String INTRODUCTION = """
            # Metrics

            <!-- Generated from the family declarations; do not edit. Regenerate with
                 mvn -q test -Dtest=MetricReferenceTest -Dregenerate=true -->

            Units are base units: seconds, ratios from 0 to 1, bytes. A family of type `gauge` whose name ends in `_info` is
            always 1; what it tells is in its labels.

            **When the numbers are from.** What is told of MLflow is as of the snapshot: each refresh reads MLflow, and every
            scrape until the next one gets the same numbers. `mlflow_snapshot_timestamp_seconds` says how old they are. A
            snapshot that could not be renewed is withdrawn after `refresh.max_staleness`: its families are no longer in the
            scrape. Families marked *live* are the exporter's own and of the moment of the scrape.

            **Counters** count every run ever seen, those deleted since included, and never fall while the process runs. After
            a restart they begin with what MLflow holds then: mostly the same value. Where runs were purged (`mlflow gc`) in
            the meantime it is a lower one, which `rate()` takes for a reset, counting the lower value once more.

            **Stability.** *Stable*: name, labels and meaning stay within a major version. *Experimental*: may change in a
            minor version, with a line in the changelog.

            ## Labels

            | label | value |
            |---|---|
            """;

    private static final String WORKSPACE = """

            Where the MLflow server has workspaces switched on (MLflow 3.10 and later), every family of the subjects marked
            *by workspace* also has the label `workspace`, since names are only unique inside one. Elsewhere it is absent.

            A label value longer than `exposition.max_label_length` is cut and ends in `…` and eight digits of a hash of the
            whole; control characters are replaced. Two experiments of one name, such as a deleted one and its successor, are
            summed.

            ## Families past their budget

            A family may have `exposition.series_per_family` series, a histogram's counted as one. The column *past the
            budget* says what becomes of those that are too many: the label whose smallest values give way, and whether they
            are added up in the value `_other` or left out. A choice lasts, so that a counter does not jump into `_other` and
            back; where they are left out, it is made anew at each refresh. `mlflow_exporter_series_dropped` counts, per
            family, the series that are not there by themselves; alert on it if every one matters.
            """;

    private static final String AFTER_TABLES = """

            ## Histograms

            `mlflow_run_duration_seconds` has classic buckets with the upper bounds %s seconds and +Inf: 1 second to 7 days.
            Scraped as protobuf it has native buckets too (schema %d: neighbouring bounds differ by 9 %%). The newest run of
            each classic bucket is its exemplar, with the label `run_id`; text of version 0.0.4 cannot carry exemplars,
            OpenMetrics and protobuf can. A run is observed once, when its end is first seen; one that ended without an end
            time is counted in `mlflow_runs_ended_total` only, and as an anomaly.

            `mlflow_trace_duration_seconds` has classic buckets with the upper bounds %s seconds and +Inf, and exemplars with the
            label `trace_id`.

            The live histograms' bounds:

            %s
            In protobuf they have native buckets as well.

            ## The process

            The exporter's own JVM, live, by the Prometheus client library; some are missing where the system does not tell:

            %s

            `/metrics` and `/metrics/exporter` differ in the families that are not live: the latter leaves them out, and so
            stays small and quick however large MLflow is.
            """;

    private final StringBuilder out = new StringBuilder();

    private MetricReference() {}

    private static Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("experiment", "the experiment's name");
        labels.put("experiment_id", "the experiment's id");
        labels.put("lifecycle_stage", "`active` or `deleted`");
        labels.put("phase", "the step of the lifecycle the run belongs to, see [phases.md](phases.md)");
        labels.put(
                "status",
                "of runs `running`, `scheduled`, `finished`, `failed` or `killed`, `unknown` for one this exporter does not"
                        + " know; of LLM traces `ok` or `error`, `unspecified` for any other");
        labels.put("estimator_class", "the class as logged, such as `sklearn.pipeline.Pipeline`");
        labels.put("prompt", "the prompt's name in the registry");
        labels.put("policy", "the id of a budget policy of MLflow's gateway");
        labels.put("scope", "what a gateway's budget is for: `global`, `workspace`, `endpoint` or `user`");
        labels.put("target", "the endpoint or user that a gateway's budget is for, empty for all");
        labels.put("run_id", "the run's id; only the newest runs have it as a label");
        labels.put("run_name", "the run's name");
        labels.put("user", "who started the run");
        labels.put("model", "the registered model's name");
        labels.put("version", "the model version; of `mlflow_exporter_build_info` the exporter's own");
        labels.put("stage", "the legacy stage: `None`, `Staging`, `Production` or `Archived`; `unknown` for any other");
        labels.put("alias", "the alias's name");
        labels.put(
                "kind",
                "of `mlflow_exporter_catalog_entries` what is held: `runs`, `experiments`, `models`, `versions`; of"
                        + " `mlflow_exporter_anomalies` what is wrong: "
                        + AnomalyFamilies.KINDS.stream()
                                .map(kind -> "`" + kind + "`")
                                .collect(Collectors.joining(", ")));
        labels.put(
                "resource",
                "what was used, by its name in the cost book, followed by the part where it is priced by rates, such as"
                        + " `node/vcpu`; of `mlflow_resource_utilization_ratio` `cpu`, `memory` or `gpu`");
        labels.put("currency", "ISO 4217; amounts of different currencies are never added");
        labels.put(
                "window",
                "`1d`, `7d`, `30d` (24, 168 and 720 hours up to the snapshot) or `month` (this calendar month so far); of"
                        + " LLM traces in whole hours, by the hour in which the trace started");
        labels.put("project", "the value of the tag that the cost book's `project_tag` names, else `none`");
        labels.put("team", "the value of the tag that the cost book's `team_tag` names, else `none`");
        labels.put(
                "source",
                "of a price where it comes from: `list`, `contract` or `estimate`; of the cost of LLM traces who gave it:"
                        + " `mlflow` or `pricing_file`; of feedback who gave it: `human`, `llm_judge`, `code` or `other`");
        labels.put("type", "of tokens: `input`, `output`, `cache_read` or `cache_creation`");
        labels.put("llm_model", "the LLM's name, as the application reported it");
        labels.put("provider", "who runs the LLM, as the application reported it");
        labels.put("group", "the tag or metadata of `traces.group_by`: `tag:NAME` or `metadata:NAME`");
        labels.put("value", "the group's value, or its hash with `traces.hash_groups`; `none` for traces without one");
        labels.put("assessment", "the name of the feedback");
        labels.put("mode", "how LLM traces are read: `traces` one by one, `sums` from the server's hourly sums");
        labels.put("category", "`infrastructure`, `data`, `personnel`, `software` or `operations`");
        labels.put("budget", "the budget's name in the cost book");
        labels.put("kpi", "the KPI's name, see [kpis.md](kpis.md)");
        labels.put("subject", "what the KPI is about, see [kpis.md](kpis.md#the-file)");
        labels.put("unit", "the KPI's unit, empty where none is given");
        labels.put("direction", "which way a KPI is better: `higher` or `lower`");
        labels.put("selector", "which runs tell the KPI: `latest`, `best`, `mean`, or an alias of `model`");
        labels.put("step", "what the metric's name says beside the unit, see [kpis.md](kpis.md#steps)");
        labels.put("reason", "why there is no value: `division_by_zero` or `not_finite`");
        labels.put("family", "the name of a family");
        labels.put("revision", "the source revision the exporter was built from");
        labels.put("shard", "which shard the exporter is, from 0; `0` where one exporter reads all");
        labels.put(
                "outcome",
                "of a refresh `complete`, `partial` (tracking or registry could not be read) or `failed`; of a scrape"
                        + " `served`, `failed` or `aborted`; of a file read again `done` or `failed`; of a push `accepted`, `partial` or `failed`; of a cost what became of the run: `finished`, `failed`, `killed`,"
                        + " `stale`, `running`, or `unknown` for a status this exporter does not know");
        labels.put(
                "file",
                "which kind of file was read again: `pricing` (the cost book and FOCUS files), `kpi`, `web` (the web"
                        + " configuration file and its certificates) or `client_certificate`");
        labels.put("listener", "`metrics` or `web`");
        labels.put(
                "reason",
                "`missing` for requests without credentials, `wrong`, or `limited` where an address was wrong too often");
        labels.put("operation", "the REST call of MLflow, such as `runs/search`");
        labels.put(
                "code",
                "the HTTP status, or `timeout`, `unreachable`, `too_large`, `interrupted` where there was none to use");
        return labels;
    }

    static String markdown(Scrape scrape) {
        MetricReference reference = new MetricReference();
        reference.out.append(INTRODUCTION);
        LABELS.forEach((label, says) -> reference.row("`" + label + "`", says));
        reference.out.append(WORKSPACE);
        MetricCatalogue.SUBJECTS.forEach(reference::subject);
        String bounds = Arrays.stream(HistogramLayout.RUNS.upperBounds())
                .filter(Double::isFinite)
                .mapToObj(bound -> Long.toString((long) bound))
                .collect(Collectors.joining(", "));
        String traceBounds = Arrays.stream(HistogramLayout.TRACES.upperBounds())
                .filter(Double::isFinite)
                .mapToObj(Double::toString)
                .collect(Collectors.joining(", "));
        String live = MetricCatalogue.families(MetricCatalogue.SUBJECTS.stream().filter(Subject::live)).stream()
                .filter(family -> family.type() == FamilyDeclaration.Type.HISTOGRAM)
                .map(family ->
                        "- `" + family.name() + "`: " + String.join(", ", scrape.bounds(family.name())) + " seconds\n")
                .collect(Collectors.joining());
        String process =
                PROCESS_FAMILIES.stream().map(name -> "`" + name + "`").collect(Collectors.joining(", ", "", "."));
        return reference
                .out
                .append(AFTER_TABLES.formatted(bounds, DurationHistogram.NATIVE_SCHEMA, traceBounds, live, process))
                .toString();
    }

    private void subject(Subject subject) {
        out.append("\n## ").append(subject.title()).append('\n');
        if (subject.aboutMlflow() || subject.live()) {
            out.append(subject.live() ? "\n*Live.*\n" : "\n*By workspace.*\n");
        }
        out.append('\n');
        row("family", "type", "labels", "stability", "past the budget", "meaning");
        row("---", "---", "---", "---", "---", "---");
        for (FamilyDeclaration family : subject.families()) {
            row(
                    "`" + family.name() + "`",
                    MetricCatalogue.scrapedType(family),
                    family.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", ")),
                    family.stability().name().toLowerCase(java.util.Locale.ROOT),
                    pastTheBudget(family.fold()),
                    family.help());
        }
    }

    private static String pastTheBudget(Fold fold) {
        if (fold.label().isEmpty()) {
            return "never cut";
        }
        String label = "`" + fold.label() + "`";
        if (!fold.intoOther()) {
            return label + ", left out";
        }
        return label + (fold.merge() == Merge.SUM ? ", summed into `_other`" : ", their greatest in `_other`");
    }

    private void row(String... cells) {
        out.append("| ")
                .append(Arrays.stream(cells)
                        .map(cell -> cell.replace("|", "\\|"))
                        .collect(Collectors.joining(" | ")))
                .append(" |\n");
    }
}

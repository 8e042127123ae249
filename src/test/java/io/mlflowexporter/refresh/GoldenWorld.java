package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.testing.Exposed;
import io.mlflowexporter.testing.FaultProxy;
import io.mlflowexporter.testing.ScriptedServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A small world that holds something of everything a checkpoint keeps. The experiments are the same each time; ids of
 * runs are not. An exporter watches it and is stopped.
 */
public final class GoldenWorld implements AutoCloseable {
    /** Stands in answers for the id of one run: one that is not MLflow's own kind. */
    private static final String OTHER_ID = "run of another kind";
    /** Stands for this end time: one that cannot be read. */
    private static final long UNREADABLE = 1_772_000_000_456L;

    static final String COUNTER = "mlflow_(?!exporter_).*_(total|count|sum|bucket)";

    private static final long HOUR = Duration.ofHours(1).toMillis();

    private volatile Instant now = RefreshBench.START.minus(Duration.ofDays(10));
    private final SimulatedMlflow mlflow;
    private final FaultProxy proxy;
    private final MlflowWriter writer;
    private final GoldenTraces traces = new GoldenTraces(
            "1", RefreshBench.START.minus(Duration.ofMinutes(1)).toEpochMilli());
    private FaultProxy.Fault answers = this::traces;

    GoldenWorld() throws IOException {
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0).withClock(() -> now));
        proxy = FaultProxy.before(mlflow.uri());
        writer = new MlflowWriter(mlflow.uri());
        for (String name : List.of("bikes", "été/🚲", "poison", "deleted", "before")) {
            writer.experimentTag(writer.experiment(name), "team", "team of " + name);
        }
    }

    /** As it is after {@link #watched}, but for runs, models and the experiments made meanwhile: those are gone. */
    public static GoldenWorld emptied() throws IOException {
        GoldenWorld world = new GoldenWorld();
        world.writer.rename("5", "after");
        world.writer.deleted("4", true);
        return world;
    }

    /** Where it is read. */
    public URI uri() {
        return proxy.uri();
    }

    /** What an exporter that watches it is set to. */
    static Map<String, String> settings(Path checkpoint) {
        Map<String, String> settings = new HashMap<>();
        settings.put("checkpoint.file", checkpoint.toString());
        settings.put("cost.file", resource("pricing.yaml").toString());
        settings.put("kpi.file", resource("kpis.yaml").toString());
        settings.put("traces.group_by", "tag:team");
        settings.put("exposition.series_per_family", "12");
        settings.put("refresh.max_staleness", "1d");
        return settings;
    }

    /** A file beside the golden checkpoints. */
    public static Path resource(String name) {
        return Path.of("src/test/resources/io/mlflowexporter/refresh/checkpoints", name);
    }

    /** The counters of a scrape, and the sum of each over its series. */
    static Map<String, Double> counted(String scrape) {
        Map<String, Double> counted = new HashMap<>();
        for (Exposed sample : Exposed.parse(scrape)) {
            if (sample.name().matches(COUNTER)) {
                counted.put(sample.name() + sample.labels(), Double.valueOf(sample.value()));
                counted.merge(sample.name(), Double.valueOf(sample.value()), Double::sum);
            }
        }
        return counted;
    }

    /**
     * What a golden checkpoint counted, by the names of today. Under a new name it is chosen anew what is in {@code _other}:
     * then only the sum is known.
     */
    public static Map<String, Double> counters(String golden) throws IOException {
        Map<String, Double> counters = counted(Files.readString(resource(golden + ".counters")));
        for (String line : Files.readAllLines(resource("renamed.txt"))) {
            String[] names = line.split(" ", 2);
            boolean folded =
                    counters.keySet().stream().anyMatch(it -> it.startsWith(names[0] + "{") && it.contains("=_other"));
            for (String series : List.copyOf(counters.keySet())) {
                if (series.equals(names[0]) || series.startsWith(names[0] + "{")) {
                    double value = counters.remove(series);
                    if (!folded || series.equals(names[0])) {
                        counters.put(names[1] + series.substring(names[0].length()), value);
                    }
                }
            }
        }
        return counters;
    }

    /** No counter of the scrape is lower than before. */
    public static void assertNoneIsLower(String when, String scrape, Map<String, Double> before) {
        Map<String, Double> now = GoldenWorld.counted(scrape);
        Map<String, String> lower = new TreeMap<>();
        before.forEach((series, value) -> {
            double found = now.getOrDefault(series, -1.0);
            // Sums may be rounded otherwise.
            if (found < value * (1 - 1e-12)) {
                lower.put(series, value + ", now " + found);
            }
        });
        assertThat(lower).as(when).isEmpty();
    }

    /**
     * Lets an exporter watch it for a while.
     *
     * @param checkpoint where the exporter leaves its checkpoint
     * @return the last scrape
     */
    String watched(Path checkpoint) throws Exception {
        String scheduled = runs();
        try (RefreshBench bench = new RefreshBench(uri(), settings(checkpoint))) {
            now = RefreshBench.START;
            refresh(bench);
            writer.status(scheduled, "RUNNING", 0);
            now = now.plusSeconds(1);
            refresh(bench);
            deliveries(bench);
            changes();
            refresh(bench);
            many();
            refresh(bench);
            poisoned();
            for (int i = 0; i < 8; i++) {
                refresh(bench);
            }
            failing(asked -> true, 503);
            String unseen = run("1", "never read", 1);
            writer.alias("churn", "champion", writer.version("churn", unseen));
            refresh(bench);
            bench.refresher.stopped();
            return bench.scrape();
        }
    }

    private ScriptedServer.Answer traces(ScriptedServer.Request request, FaultProxy.Asking behind) throws IOException {
        return request.target().contains("traces/search")
                ? traces.answer(request.body(), "1")
                : behind.get().answer();
    }

    private void refresh(RefreshBench bench) {
        now = now.plusSeconds(60);
        bench.refresh(Duration.between(bench.now(), now));
    }

    private String run(String experiment, String name, long hoursAgo) {
        return writer.run(experiment, name, hoursAgo == 0 ? 0 : now.toEpochMilli() - hoursAgo * HOUR);
    }

    private long at(long hoursAgo) {
        return now.toEpochMilli() - hoursAgo * HOUR;
    }

    /** The id of one that is scheduled. */
    private String runs() {
        now = RefreshBench.START.minus(Duration.ofHours(6));
        String parent = run("1", "Training", 30);
        writer.tag(parent, "gpus", "2");
        writer.tag(parent, "mlflow.source.name", "train.py");
        writer.tag(parent, "mlflow.user", "ana");
        writer.tag(parent, "estimator_class", "sklearn.linear_model.Ridge");
        writer.param(parent, "alpha", "0.5");
        writer.metric(parent, "rmse", 55, at(29));
        writer.metric(parent, "fit_seconds", 70, at(29));
        writer.metric(parent, "fit_seconds", 90, at(28));
        for (int i = 0; i < 3; i++) {
            writer.metric(parent, "system/cpu_utilization_percentage", 20 + i, at(29 - i));
            writer.metric(parent, "system/gpu_0_utilization_percentage", 60 + i, at(29 - i));
            writer.metric(parent, "system/gpu_0_power_usage_watts", 200 + i, at(29 - i));
            writer.metric(parent, "system/system_memory_usage_percentage", 40 + i, at(29 - i));
        }
        writer.status(parent, "FINISHED", at(25));
        String child = run("1", "tune 1", 29);
        writer.tag(child, "mlflow.parentRunId", parent);
        writer.status(child, "FAILED", at(27));
        String other = run("2", "Evaluation", 12);
        writer.param(other, "n_jobs", "4");
        writer.status(other, "KILLED", at(11));
        writer.status(run("2", "no start", 0), "FINISHED", at(3));
        writer.status(run("2", "unreadable", 400), "FINISHED", UNREADABLE);
        String deleted = run("1", "deleted", 8);
        writer.status(deleted, "FINISHED", at(7));
        writer.runDeleted(deleted, true);
        String running = run("1", "Training", 2);
        writer.metric(running, "system/cpu_utilization_percentage", 80, at(1));
        writer.status(run("5", "Training", 5), "FINISHED", at(4));
        FaultProxy.Fault rewritten = FaultProxy.rewritten(body ->
                body.replace(other, OTHER_ID).replaceAll("(\"end_time\": ?)\"?" + UNREADABLE + "\"?", "$1\"soon\""));
        answers = (request, behind) ->
                request.target().contains("traces/search") ? traces(request, behind) : rewritten.on(request, behind);
        proxy.fault(answers);
        String scheduled = run("1", "Training", 1);
        writer.status(scheduled, "SCHEDULED", 0);
        writer.status(run("2", "Training", 1), "SCHEDULED", 0);
        writer.model("churn");
        writer.modelTag("churn", "team", "growth");
        for (int version = 1; version <= 3; version++) {
            writer.version("churn", parent);
        }
        writer.model("old name");
        writer.version("old name", running);
        writer.alias("old name", "shadow", "1");
        return scheduled;
    }

    private void deliveries(RefreshBench bench) {
        for (String version : List.of("1", "3", "2", "3")) {
            writer.alias("churn", "champion", version);
            refresh(bench);
        }
        writer.alias("churn", "candidate", "1");
        refresh(bench);
        writer.unalias("churn", "candidate");
        writer.renameModel("old name", "new name");
        refresh(bench);
    }

    private void changes() {
        List<String> ended = writer.runIds(List.of("1"), "attributes.status = 'FAILED'");
        writer.status(ended.get(0), "FAILED", at(26));
        mlflow.purgeDeleted();
        writer.rename("5", "after");
        writer.deleted("4", true);
    }

    /** More experiments than get series of their own. */
    private void many() {
        for (int i = 0; i < 20; i++) {
            String experiment = writer.experiment("small " + i);
            writer.status(run(experiment, "Training", 2), "FINISHED", at(1));
        }
    }

    /** One experiment whose runs never come in time. */
    private void poisoned() {
        run("3", "Training", 1);
        failing(asked -> asked.body().contains("\"3\""), 504);
    }

    /** Some questions for runs are answered so from now on. */
    private void failing(Predicate<ScriptedServer.Request> which, int status) {
        proxy.fault((asked, behind) -> asked.target().contains("runs/search") && which.test(asked)
                ? ScriptedServer.status(status, "")
                : answers.on(asked, behind));
    }

    @Override
    public void close() {
        proxy.close();
        mlflow.close();
    }
}

package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.testing.FaultProxy;
import io.mlflowexporter.testing.ScriptedServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/** A server on which something happens, a proxy before it, and an exporter that reads it through the proxy. */
final class FaultyWorld implements AutoCloseable {
    /** Of the smallest pages; a list has some of them. */
    static final int PAGE = 3;

    private static final int REFRESHES_MEANWHILE = 2;
    private static final int REFRESHES_TO_RECOVER = 2;

    private final Servers servers;
    private final Path directory;
    private final Map<String, String> settings = new HashMap<>();
    private final String name = "world " + System.nanoTime() + " ";
    private final int strikesAfter;
    private final FaultProxy proxy;
    private final RefreshBench bench;
    private final List<String> experiments = new ArrayList<>();
    private final List<String> running = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();
    private URI server;
    private MlflowWriter writer;
    private String token = "first";
    private int numbers;

    /** Where the servers come from, and what time it is for them. */
    interface Servers {
        /** One that holds nothing, or what other worlds left there. */
        URI first();

        /** Few enough a page that what it lists takes several. */
        int page();

        /** Another one. */
        URI other();

        Instant now();
    }

    FaultyWorld(Servers servers, Path directory, Map<String, String> more, int strikesAfter) throws Exception {
        this(servers, directory, more, strikesAfter, FaultProxy::before);
    }

    private FaultyWorld(
            Servers servers,
            Path directory,
            Map<String, String> more,
            int strikesAfter,
            Function<URI, FaultProxy> before)
            throws Exception {
        this.servers = servers;
        this.directory = directory;
        this.strikesAfter = strikesAfter;
        Files.writeString(book(), """
                currency: EUR
                resources: [{name: machine, prices: [{per_hour: 1}]}]
                default_uses: [{resource: machine}]
                """);
        Files.writeString(tokenFile(), token);
        settings.put("cost.file", book().toString());
        // A real server still holds what was there for other faults.
        settings.put("read.experiments.include", name + "*");
        settings.put("read.models.include", name + "*");
        settings.putAll(more);
        server = servers.first();
        writer = new MlflowWriter(server);
        fill();
        proxy = before.apply(server);
        proxy.pages(servers.page());
        Map<String, String> all = new HashMap<>(settings);
        all.put("mlflow.auth.token_file", tokenFile().toString());
        bench = new RefreshBench(proxy.uri(), all, same -> same, servers.now());
    }

    /** With TLS between the exporter and the proxy. */
    static FaultyWorld overTls(Servers servers, Path directory, Path authority, SSLContext tls) throws Exception {
        return new FaultyWorld(
                servers,
                directory,
                Map.of("mlflow.tls.ca_file", authority.toString()),
                0,
                behind -> FaultProxy.before(behind, tls));
    }

    private Path book() {
        return directory.resolve("book.yaml");
    }

    private Path tokenFile() {
        return directory.resolve("token");
    }

    FaultProxy proxy() {
        return proxy;
    }

    RefreshBench bench() {
        return bench;
    }

    /** The id of one of the experiments. */
    String anExperiment() {
        return experiments.get(2);
    }

    /** Requests of a refresh that are still answered as they should be. */
    int strikesAfter() {
        return strikesAfter;
    }

    private long millis() {
        return bench == null ? servers.now().toEpochMilli() : bench.now().toEpochMilli();
    }

    private void fill() {
        for (int i = 0; i < 7; i++) {
            String experiment = writer.experiment(name + System.nanoTime());
            experiments.add(experiment);
            for (int j = 0; j < 6; j++) {
                start(experiment, millis() - Duration.ofHours(3).toMillis() + numbers * 10_000L);
            }
            end(running.get(0));
            end(running.get(1));
        }
        String model = name + System.nanoTime();
        writer.model(model);
        String version = writer.version(model, ended.get(0));
        writer.version(model, ended.get(1));
        writer.alias(model, "champion", version);
    }

    private void start(String experiment, long startMillis) {
        running.add(writer.run(experiment, numbers++ % 2 == 0 ? "Training" : "Inference", startMillis));
    }

    private void end(String run) {
        writer.status(run, numbers++ % 3 == 0 ? "FAILED" : "FINISHED", millis() + 1_000);
        running.remove(run);
        ended.add(run);
    }

    /** A new experiment with a run, a run that ends, one that is deleted, and one that is restored. */
    private void live() {
        start(writer.experiment(name + System.nanoTime()), millis() - 2_000);
        end(running.get(0));
        writer.runDeleted(ended.remove(0), true);
        writer.tag(running.get(1), "team", "team " + numbers);
    }

    /** While a list is read: a run begins, and one that ended is deleted. */
    void comeAndGo() {
        if (ended.size() > 3) {
            writer.run(experiments.get(0), "Training", millis() - 1_000 - numbers++);
            writer.runDeleted(ended.remove(0), true);
        }
    }

    /** From now on the server takes another token only. */
    void otherToken() {
        token = "second";
        int[] good = {strikesAfter};
        proxy.fault((request, asking) -> good[0]-- > 0
                        || request.headers().getOrDefault("authorization", "").equals("Bearer " + token)
                ? asking.get().answer()
                : ScriptedServer.status(401, "not authenticated"));
    }

    void rotateToken() throws IOException {
        Files.writeString(tokenFile(), token);
    }

    /** From now on the server holds another database. */
    void otherServer() {
        server = servers.other();
        writer = new MlflowWriter(server);
        experiments.clear();
        running.clear();
        ended.clear();
        fill();
        proxy.behind(server);
    }

    /** Lets it happen, and compares with a fresh exporter afterwards. */
    void endures(ServerFault fault) throws Exception {
        assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
        Map<String, Double> counters = RefreshScrapes.counters(bench);
        assertThat(counters).isNotEmpty();
        UnaryOperator<Map<String, Double>> notLower = before -> {
            Map<String, Double> now = RefreshScrapes.counters(bench);
            return fault.what() == ServerFault.What.ANOTHER_SERVER ? now : RefreshScrapes.noneIsLower(now, before);
        };

        fault.strike().on(this);
        List<Outcome> meanwhile = new ArrayList<>();
        for (int i = 0; i < REFRESHES_MEANWHILE; i++) {
            live();
            meanwhile.add(bench.refresh());
            counters = notLower.apply(counters);
        }
        if (fault.noticed()) {
            assertThat(meanwhile).as("noticed").anyMatch(outcome -> outcome != Outcome.COMPLETE);
            assertThat(bench.said())
                    .as("said")
                    .anyMatch(line -> line.matches("(?s)WARN (experiments and runs|registered models): .*"));
        } else {
            assertThat(meanwhile).containsOnly(Outcome.COMPLETE);
        }
        live();
        fault.mend().on(this);

        Outcome last = Outcome.FAILED;
        for (int i = 0; i < REFRESHES_TO_RECOVER; i++) {
            last = bench.refresh();
            counters = notLower.apply(counters);
        }
        assertThat(last).isEqualTo(Outcome.COMPLETE);
        assertThat(bench.value("mlflow_up")).isEqualTo("1.0");
        assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
        assertThat(bench.value("mlflow_exporter_database_changes_total"))
                .isEqualTo(fault.what() == ServerFault.What.ANOTHER_SERVER ? "1.0" : "0.0");
        compareWithAFreshOne(fault.what() == ServerFault.What.COUNTERS_WAIT);
    }

    void compareWithAFreshOne(boolean countersMayBeMore) throws Exception {
        try (RefreshBench fresh = new RefreshBench(server, settings, same -> same, bench.now())) {
            assertThat(fresh.refresh(Duration.ZERO)).isEqualTo(Outcome.COMPLETE);
            Map<String, Double> mine = RefreshScrapes.aboutMlflow(bench);
            Map<String, Double> theirs = RefreshScrapes.aboutMlflow(fresh);
            if (countersMayBeMore) {
                RefreshScrapes.noneIsLower(RefreshScrapes.counters(bench), RefreshScrapes.counters(fresh));
                mine.keySet().removeIf(RefreshScrapes::isCounter);
                theirs.keySet().removeIf(RefreshScrapes::isCounter);
            }
            assertThat(RefreshScrapes.differences(mine, theirs)).isEmpty();
            // What it holds is what there is: nothing was kept of what went wrong.
            for (String kind : List.of("runs", "experiments", "models", "versions")) {
                String entries = "mlflow_exporter_catalog_entries{kind=\"" + kind + "\"}";
                assertThat(bench.value(entries)).as(kind).isEqualTo(fresh.value(entries));
            }
        }
    }

    @Override
    public void close() {
        bench.close();
        proxy.close();
    }
}

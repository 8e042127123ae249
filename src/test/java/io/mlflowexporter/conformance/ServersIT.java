package io.mlflowexporter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.conformance.RealServer.Loaded;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.refresh.RefreshBench;
import io.mlflowexporter.testing.Command;
import io.mlflowexporter.testing.Exposed;
import io.mlflowexporter.testing.RuleTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole exporter on real servers of many kinds, those of {@code servers.yaml}: the values of a known data set, changes
 * within one refresh, and half an hour without an alert.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ServersIT {
    private static final int MINUTES = 31;
    /** When something happens on the server. */
    private static final int CHANGED = 12;

    /** promtool's clock begins at 0, so that moments are told from the first scrape on. */
    private static final Pattern MOMENT =
            Pattern.compile("(?m)^((?:process_start_time_seconds|\\w+_timestamp_seconds(?:\\{.*})?) )([-+.0-9E]+)$");

    private final Map<RealServer, CompletableFuture<Loaded>> starting = new HashMap<>();
    /** Few at a time: a server takes 300 MB, and a processor while it starts. */
    private final ExecutorService starters = Executors.newFixedThreadPool(2);

    /** A server as an account sees it; {@code ""} where it asks for none. */
    private record Seen(RealServer server, String account) {
        boolean all() {
            return account.isEmpty() || account.equals("all");
        }

        boolean nothing() {
            return account.equals("none");
        }

        @Override
        public String toString() {
            return server + (account.isEmpty() ? "" : ", account " + account);
        }
    }

    static Stream<Seen> seen() {
        return RealServer.all().stream()
                .flatMap(server -> server.accounts().isEmpty()
                        ? Stream.of(new Seen(server, ""))
                        : server.accounts().stream().map(account -> new Seen(server, account)));
    }

    @BeforeAll
    void start(@TempDir Path folder) {
        for (RealServer server : RealServer.all()) {
            starting.put(server, CompletableFuture.supplyAsync(() -> server.load(folder), starters));
        }
    }

    @AfterAll
    void stop() {
        starters.shutdownNow();
        for (CompletableFuture<Loaded> one : starting.values()) {
            if (one.isDone() && !one.isCompletedExceptionally()) {
                one.join().close();
            }
        }
    }

    private Loaded loaded(RealServer server) {
        try {
            return starting.get(server).join();
        } catch (CompletionException e) {
            // A test that is skipped is so in its own thread only.
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(server + " could not be loaded", e.getCause());
        }
    }

    @ParameterizedTest
    @MethodSource("seen")
    void isReadWholeAndAlertsStaySilent(Seen seen) throws Exception {
        Loaded server = loaded(seen.server());
        Instant begin = Instant.now();
        Map<String, String> settings = new HashMap<>();
        if (!seen.account().isEmpty()) {
            settings.put("mlflow.auth.username", seen.account());
            settings.put("mlflow.auth.password", RealServer.PASSWORD);
        }
        RuleTest rules = new RuleTest(
                name -> name.startsWith("mlflow_") || name.equals("process_start_time_seconds") || name.equals("up"),
                Map.of("job", "mlflow", "instance", "exporter"));
        try (RefreshBench exporter = new RefreshBench(server.uri(), settings, begin)) {
            for (int minute = 0; minute < MINUTES; minute++) {
                if (minute == CHANGED && seen.account().isEmpty()) {
                    change(server, begin.plus(Duration.ofMinutes(minute)));
                }
                Outcome outcome = exporter.refresh(Duration.ofMinutes(minute == 0 ? 0 : 1));
                String scrape = exporter.scrape();
                assertThat(outcome).as("minute %s of %s", minute, seen).isEqualTo(Outcome.COMPLETE);
                assertThat(lines(scrape))
                        .as("minute %s of %s", minute, seen)
                        .containsAll(expected(seen, seen.account().isEmpty() && minute >= CHANGED));
                rules.scraped(sinceBegin(scrape, begin) + "up 1.0\n");
            }
        }
        rules.only(9);
        rules.only(MINUTES - 1, seen.nothing() ? new String[] {"MlflowNothingVisible"} : new String[0]);
        Command.Result result = rules.run(alertFiles());
        assertThat(result.exit()).as(result.output()).isZero();
    }

    /** A run that goes on ends, and another begins. */
    private static void change(Loaded server, Instant now) throws IOException, InterruptedException {
        PlainRest rest = new PlainRest(server.uri());
        String bikes = rest.get("experiments/get-by-name?experiment_name=bikes")
                .ok()
                .json()
                .at("/experiment/experiment_id")
                .asText();
        String running = rest.post(
                        "runs/search",
                        "{\"experiment_ids\": [\"" + bikes + "\"], \"filter\": \"attributes.status = 'RUNNING'\"}")
                .ok()
                .json()
                .at("/runs/0/info/run_id")
                .asText();
        rest.post(
                        "runs/update",
                        "{\"run_id\": \"" + running + "\", \"status\": \"FINISHED\", \"end_time\": "
                                + now.toEpochMilli() + "}")
                .ok();
        rest.post(
                        "runs/create",
                        "{\"experiment_id\": \"" + bikes + "\", \"run_name\": \"Training\", \"start_time\": "
                                + now.toEpochMilli()
                                + ", \"tags\": [{\"key\": \"mlflow.runName\", \"value\": \"Training\"}]}")
                .ok();
    }

    private static List<String> expected(Seen seen, boolean changed) {
        boolean all = seen.all();
        boolean any = !seen.nothing();
        List<String> lines = new ArrayList<>(List.of(
                "mlflow_up 1.0",
                "mlflow_snapshot_complete 1.0",
                "mlflow_experiments{lifecycle_stage=\"active\"} " + (all ? "3.0" : any ? "1.0" : "0.0"),
                "mlflow_experiments{lifecycle_stage=\"deleted\"} " + (all ? "1.0" : "0.0")));
        if (any) {
            lines.add("mlflow_runs_started_total{experiment=\"churn\",phase=\"evaluation\"} 2.0");
            lines.add("mlflow_runs{experiment=\"churn\",phase=\"evaluation\",status=\"finished\"} 1.0");
        }
        if (all) {
            lines.add(runs("mlflow_runs", "training", "finished", changed ? 4 : 3));
            lines.add(runs("mlflow_runs", "training", "running", 1));
            lines.add(runs("mlflow_runs", "tuning", "failed", 1));
            lines.add(
                    "mlflow_runs_started_total{experiment=\"bikes\",phase=\"training\"} " + (changed ? "5.0" : "4.0"));
            lines.add("mlflow_runs_started_total{experiment=\"retired\",phase=\"training\"} 1.0");
            lines.add(runs("mlflow_run_duration_seconds_count", "training", "finished", changed ? 4 : 3));
            if (!changed) {
                lines.add(runs("mlflow_run_duration_seconds_sum", "training", "finished", 360));
            }
        }
        if (seen.server().registry()) {
            lines.add("mlflow_registered_models " + (all ? "1.0" : "0.0"));
        }
        if (seen.server().registry() && all) {
            lines.add("mlflow_model_versions{model=\"demand\"} 3.0");
            lines.add("mlflow_model_versions_by_stage{model=\"demand\",stage=\"Production\"} 1.0");
            lines.add("mlflow_model_versions_by_stage{model=\"demand\",stage=\"None\"} 2.0");
            lines.add("mlflow_model_versions_by_stage{model=\"demand\",stage=\"Archived\"} 0.0");
        }
        if (seen.server().aliases() && all) {
            lines.add("mlflow_model_alias_info{alias=\"champion\",model=\"demand\",version=\"3\"} 1.0");
        }
        return lines;
    }

    /** With labels in the order of their names. */
    private static Stream<String> lines(String scrape) {
        return Exposed.parse(scrape).stream()
                .filter(sample -> sample.name().startsWith("mlflow_"))
                .map(sample -> sample.name()
                        + new TreeMap<>(sample.labels())
                                .entrySet().stream()
                                        .map(label -> label.getKey() + "=\"" + label.getValue() + "\"")
                                        .collect(Collectors.joining(",", "{", "}"))
                                        .replace("{}", "")
                        + " " + Double.parseDouble(sample.value()));
    }

    private static String runs(String family, String phase, String status, double value) {
        return family + "{experiment=\"bikes\",phase=\"" + phase + "\",status=\"" + status + "\"} " + value;
    }

    private static String sinceBegin(String scrape, Instant begin) {
        double zero = begin.toEpochMilli() / 1000.0;
        return MOMENT.matcher(scrape)
                .replaceAll(found ->
                        Matcher.quoteReplacement(found.group(1) + (Double.parseDouble(found.group(2)) - zero)));
    }

    private static Path[] alertFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("deploy", "prometheus"))) {
            return files.filter(file -> file.toString().endsWith("-alerts.yaml"))
                    .sorted()
                    .toArray(Path[]::new);
        }
    }
}

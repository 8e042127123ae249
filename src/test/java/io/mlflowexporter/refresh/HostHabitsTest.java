package io.mlflowexporter.refresh;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.testing.FaultProxy;
import io.mlflowexporter.testing.FaultProxy.Fault;
import io.mlflowexporter.testing.ScriptedServer.Answer;
import io.mlflowexporter.testing.ScriptedServer.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Servers that are not {@code mlflow server}, or an old one: each habit is put between a simulated server and an exporter,
 * which reads it five times and says what an exporter says that reads the same server without the habit.
 */
final class HostHabitsTest {
    private static final int EXPERIMENTS = 130;
    private static final int REFRESHES = 5;
    private static final Pattern IDS = Pattern.compile("\"experiment_ids\": ?\\[([^]]*)]");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final AtomicReference<Instant> clock = new AtomicReference<>(RefreshBench.START);
    private final List<String> experiments = new ArrayList<>();
    private final List<String> running = new ArrayList<>();
    private SimulatedMlflow mlflow;
    private MlflowWriter writer;

    /**
     * One habit.
     *
     * @param settings of both exporters
     * @param limit the beginning of a line of the status page, empty for none
     */
    record Habit(String name, Map<String, String> settings, Fault fault, String limit) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeEach
    void start() throws Exception {
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0).withClock(clock::get));
        writer = new MlflowWriter(mlflow.uri());
        for (int i = 0; i < EXPERIMENTS; i++) {
            experiments.add(writer.experiment("experiment " + i));
        }
        for (int i = 0; i < 60; i++) {
            run(i);
        }
        running.subList(0, 40).forEach(run -> writer.status(run, "FINISHED", millis() - 5_000));
        running.subList(0, 40).clear();
        writer.model("m");
        writer.version("m", running.get(0));
        writer.alias("m", "champion", "1");
    }

    @AfterEach
    void stop() {
        mlflow.close();
    }

    private long millis() {
        return clock.get().toEpochMilli();
    }

    private void run(int i) {
        running.add(writer.run(experiments.get(i * 7 % EXPERIMENTS), "Training", millis() - 10_000 - i * 1_000L));
    }

    /** A run begins, two that were known end, of which one began long ago. */
    private void live(int i) {
        run(i);
        writer.status(running.remove(0), "FINISHED", millis());
        writer.status(running.remove(running.size() - 1), "FAILED", millis());
        run(i + 31);
        writer.model("model " + i);
    }

    private static Fault refuse(Predicate<Request> which, Answer answer) {
        return FaultProxy.where(which, FaultProxy.instead(answer));
    }

    private static Predicate<Request> endpoint(String... names) {
        return request -> List.of(names).contains(request.endpoint());
    }

    private static Predicate<Request> runsWith(String... texts) {
        return request ->
                request.endpoint().equals("runs/search") && Stream.of(texts).anyMatch(request.body()::contains);
    }

    private static int ids(Request request) {
        var found = IDS.matcher(request.body());
        return found.find() ? found.group(1).split(",").length : 0;
    }

    private static int asked(Request request) {
        var found = Pattern.compile("max_results(?:\": ?|=)([0-9]+)").matcher(request.body() + request.target());
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }

    private static Answer error(int status, String message) {
        return status(
                status,
                "{\"error_code\": \"INVALID_PARAMETER_VALUE\", \"message\": \"" + message + "\"}",
                "Content-Type: application/json");
    }

    private static Habit habit(String name, Fault fault, String limit) {
        return new Habit(name, Map.of(), fault, limit);
    }

    /** After so long that the exporter takes it for slowness; the connection is closed without an answer, or a proxy says so. */
    private static Habit slow(String name, Predicate<Request> which, Answer instead) {
        return new Habit(
                name,
                Map.of("mlflow.read_timeout", "3s"),
                FaultProxy.where(
                        request -> which.test(request)
                                && asked(request) > (request.endpoint().equals("runs/search") ? 40 : 5_000),
                        (request, behind) -> {
                            try {
                                Thread.sleep(1_600);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            return instead;
                        }),
                "");
    }

    static Stream<Habit> habits() {
        String unordered = "The server does not sort runs or filter them by start time";
        return Stream.of(
                habit(
                        "Databricks: 100 experiments in one request",
                        refuse(
                                request -> ids(request) > 100,
                                error(400, "Too many experiment_ids specified in SearchRuns request. Maximum is 100.")),
                        "The server takes at most 65 experiments in one request."),
                habit(
                        "Azure ML: no filter by status or end time",
                        refuse(
                                runsWith("attributes.status", "attributes.end_time"),
                                error(400, "Unsupported filter attribute")),
                        "The server does not filter runs by status or end time."),
                habit(
                        "no filter by any field of a run but the start, in words that say nothing",
                        refuse(
                                runsWith("attributes.status", "attributes.end_time", "attributes.run_id"),
                                status(400, "{\"Error\": {\"Code\": \"UserError\"}}")),
                        "The server does not filter runs by status or end time."),
                habit(
                        "no filter at all",
                        refuse(
                                runsWith("attributes.start_time >", "attributes.s", "attributes.end", "attributes.run"),
                                error(400, "filters are not supported")),
                        unordered),
                habit(
                        "GitLab: no order",
                        refuse(runsWith("order_by"), status(400, "{\"error\":\"order_by is invalid\"}")),
                        unordered),
                habit(
                        "no order and one experiment at a time, at once",
                        refuse(
                                request -> runsWith("order_by").test(request) || ids(request) > 1,
                                status(422, "{\"detail\": [{\"msg\": \"bad request\"}]}")),
                        unordered),
                habit(
                        "at most 50 objects a page",
                        refuse(
                                request -> asked(request) > (request.endpoint().equals("runs/search") ? 50 : 100),
                                error(400, "max_results is too large")),
                        ""),
                habit("before 3.10: no server-info", refuse(endpoint("server-info"), status(404, "<html>")), ""),
                habit(
                        "behind a proxy for the API only: no version, no server-info",
                        refuse(endpoint("version", "server-info"), status(403, "forbidden")),
                        ""),
                habit(
                        "503 on version and server-info",
                        refuse(endpoint("version", "server-info"), status(503, "no healthy upstream")),
                        ""),
                slow("a worker killed after it worked for long", endpoint("runs/search"), out -> out.flush()),
                slow("502 after long", request -> true, status(502, "<html>bad gateway")),
                slow("504 after long", request -> true, status(504, "<html>gateway time-out")));
    }

    @ParameterizedTest
    @MethodSource("habits")
    void theNumbersAreThoseOfAServerWithoutTheHabit(Habit habit) throws Exception {
        Map<String, String> settings = new HashMap<>(habit.settings());
        // Known runs are not reread meanwhile, so that changes are found as they are on large servers.
        settings.put("refresh.resync_share", "0.001");
        try (FaultProxy proxy = FaultProxy.before(mlflow.uri());
                RefreshBench plain = new RefreshBench(mlflow.uri(), settings, clock.get());
                RefreshBench bench = new RefreshBench(proxy.uri(), settings, clock.get())) {
            proxy.fault(habit.fault());
            for (int i = 0; i < REFRESHES; i++) {
                clock.set(clock.get().plus(MINUTE));
                live(i * 2);
                assertThat(plain.refresh(MINUTE)).isEqualTo(Outcome.COMPLETE);
                assertThat(bench.refresh(MINUTE)).as("refresh %s", i).isEqualTo(Outcome.COMPLETE);

                assertThat(bench.value("mlflow_up")).isEqualTo("1.0");
                assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
                assertThat(RefreshScrapes.differences(
                                RefreshScrapes.aboutMlflow(bench), RefreshScrapes.aboutMlflow(plain)))
                        .as("refresh %s", i)
                        .isEmpty();
            }
            assertThat(mlflow.requests().count("runs/get"))
                    .as("each unfinished run at most once a refresh")
                    .isLessThanOrEqualTo(REFRESHES * (running.size() + 2L));
            List<String> notices = bench.refresher.status().notices();
            if (habit.limit().isEmpty()) {
                assertThat(notices).isEmpty();
            } else {
                assertThat(notices).anyMatch(line -> line.startsWith(habit.limit()));
            }
            List<String> said = bench.problemsSaid();
            assertThat(said)
                    .as("each said once")
                    .containsExactlyElementsOf(
                            notices.stream().map(HostHabitsTest::said).toList());
            assertThat(requestsRefused(bench))
                    .as("what was only tried is no error")
                    .isEmpty();
        }
    }

    private static List<String> requestsRefused(RefreshBench bench) {
        return bench.scrape()
                .lines()
                .filter(line -> line.startsWith("mlflow_exporter_api_requests_total"))
                .filter(line -> line.matches(".*code=\"4..\".*")
                        || (line.contains("code=\"503\"") && line.matches(".*\"(version|server-info)\".*")))
                .toList();
    }

    private static String said(String notice) {
        return "INFO " + notice + " (repeats are suppressed)";
    }

    static Stream<Habit> withoutRegistry() {
        String none = "The server has no model registry: none is read.";
        return Stream.of(
                habit("404", refuse(HostHabitsTest::isRegistry, status(404, "<html>Not Found")), none),
                habit(
                        "ENDPOINT_NOT_FOUND",
                        refuse(HostHabitsTest::isRegistry, status(404, "{\"error_code\": \"ENDPOINT_NOT_FOUND\"}")),
                        none),
                habit(
                        "file store of MLflow 1.30",
                        refuse(
                                HostHabitsTest::isRegistry,
                                error(
                                        400,
                                        " Model registry functionality is unavailable; got unsupported URI './mlruns' for"
                                                + " model registry data storage.")),
                        none));
    }

    private static boolean isRegistry(Request request) {
        return request.endpoint().startsWith("registered-models")
                || request.endpoint().startsWith("model-versions");
    }

    @ParameterizedTest
    @MethodSource("withoutRegistry")
    void aServerWithoutARegistryIsReadWhole(Habit habit) throws Exception {
        try (FaultProxy empty = FaultProxy.before(mlflow.uri());
                FaultProxy proxy = FaultProxy.before(mlflow.uri());
                RefreshBench plain = new RefreshBench(empty.uri(), Map.of(), clock.get());
                RefreshBench bench = new RefreshBench(proxy.uri(), Map.of(), clock.get())) {
            empty.fault(refuse(HostHabitsTest::isRegistry, json("{}")));
            proxy.fault(habit.fault());
            for (int i = 0; i < REFRESHES; i++) {
                clock.set(clock.get().plus(MINUTE));
                live(i * 2);
                plain.refresh(MINUTE);
                assertThat(bench.refresh(MINUTE)).isEqualTo(Outcome.COMPLETE);
                assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
                // A registry that is empty says that there are no prompts, one that is not there says nothing.
                assertThat(RefreshScrapes.differences(
                                        RefreshScrapes.aboutMlflow(bench), RefreshScrapes.aboutMlflow(plain))
                                .keySet())
                        .allMatch("mlflow_prompts {}"::equals);
            }
            assertThat(bench.refresher.status().notices()).containsExactly(habit.limit());
            assertThat(bench.problemsSaid()).containsExactly(said(habit.limit()));
            assertThat(requestsRefused(bench)).isEmpty();

            // One is added.
            proxy.mend();
            assertThat(bench.refresh(MINUTE)).isEqualTo(Outcome.COMPLETE);
            assertThat(bench.value("mlflow_registered_models")).isNotEqualTo("0.0");
            assertThat(bench.problemsSaid()).containsExactly("INFO No longer so: " + habit.limit());

            // What is known is not given up for an answer that a proxy may have made.
            proxy.fault(habit.fault());
            assertThat(bench.refresh(MINUTE)).isEqualTo(Outcome.PARTIAL);
            assertThat(bench.value("mlflow_registered_models")).isNotEqualTo("0.0");
            assertThat(bench.problemsSaid())
                    .anyMatch(line ->
                            line.contains("the server has no model registry; if that is so, set read.registry"));
            assertThat(bench.refresher.status().notices()).isEmpty();
            proxy.mend();
            assertThat(bench.refresh(MINUTE)).as("asked again at once").isEqualTo(Outcome.COMPLETE);
        }
    }

    @Test
    void aRegistryThatIsWantedMustBeThereAndOneThatIsNotIsNotAskedFor() throws Exception {
        try (FaultProxy proxy = FaultProxy.before(mlflow.uri());
                RefreshBench on = new RefreshBench(proxy.uri(), Map.of("read.registry", "on"), clock.get());
                RefreshBench off = new RefreshBench(proxy.uri(), Map.of("read.registry", "off"), clock.get())) {
            proxy.fault(refuse(HostHabitsTest::isRegistry, status(404, "")));
            assertThat(on.refresh()).isEqualTo(Outcome.PARTIAL);
            assertThat(on.value("mlflow_snapshot_complete")).isEqualTo("0.0");

            proxy.fault((request, behind) -> {
                assertThat(isRegistry(request)).as(request.endpoint()).isFalse();
                return behind.get().answer();
            });
            assertThat(off.refresh()).isEqualTo(Outcome.COMPLETE);
            assertThat(off.value("mlflow_snapshot_complete")).isEqualTo("1.0");
            assertThat(off.value("mlflow_registered_models")).isEqualTo("absent");
            assertThat(off.refresher.status().notices())
                    .containsExactly("Registered models are not read, as read.registry is off.");
        }
    }

    @Test
    void modelsAreReadAtAnIntervalOfTheirOwn() throws Exception {
        try (RefreshBench bench =
                new RefreshBench(mlflow.uri(), Map.of("refresh.registry_interval", "5m"), clock.get())) {
            List<String> models = new ArrayList<>();
            for (int i = 0; i < 11; i++) {
                writer.model("new " + i);
                clock.set(clock.get().plus(MINUTE));
                assertThat(bench.refresh(MINUTE)).isEqualTo(Outcome.COMPLETE);
                assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
                models.add(bench.value("mlflow_registered_models"));
            }
            assertThat(models)
                    .containsExactly("2.0", "2.0", "2.0", "2.0", "2.0", "7.0", "7.0", "7.0", "7.0", "7.0", "12.0");
            assertThat(readingsOfModels()).isEqualTo(3);

            mlflow.faults().registryDown();
            assertThat(bench.refresh(Duration.ofMinutes(5))).isEqualTo(Outcome.PARTIAL);
            mlflow.faults().clear();
            assertThat(bench.refresh(MINUTE)).as("what failed is tried at once").isEqualTo(Outcome.COMPLETE);
            assertThat(readingsOfModels()).isEqualTo(5);
        }
    }

    /** Without those of prompts. */
    private long readingsOfModels() {
        return mlflow.requests().last().stream()
                .filter(request -> request.endpoint().equals("registered-models/search"))
                .filter(request -> !request.query().contains("filter"))
                .count();
    }

    @Test
    void aServerThatIsUpgradedIsAskedAgainForWhatItWouldNotDo() throws Exception {
        try (FaultProxy proxy = FaultProxy.before(mlflow.uri());
                RefreshBench bench = new RefreshBench(proxy.uri(), Map.of(), clock.get())) {
            proxy.fault(refuse(runsWith("order_by"), status(400, "{\"error\":\"order_by is invalid\"}")));
            bench.refresh(MINUTE);
            assertThat(bench.refresher.status().notices()).isNotEmpty();

            proxy.mend();
            bench.refresh(MINUTE);
            assertThat(bench.refresher.status().notices()).isNotEmpty();
            proxy.down();
            assertThat(bench.refresh(MINUTE)).isEqualTo(Outcome.FAILED);
            proxy.up();
            bench.refresh(MINUTE);
            assertThat(bench.refresh(MINUTE)).isEqualTo(Outcome.COMPLETE);
            assertThat(bench.refresher.status().notices()).isEmpty();
        }
    }

    @Test
    void aRestartKnowsWhatTheServerCannotDo(@TempDir Path directory) throws Exception {
        Map<String, String> settings =
                Map.of("checkpoint.file", directory.resolve("checkpoint").toString());
        try (FaultProxy proxy = FaultProxy.before(mlflow.uri())) {
            AtomicReference<Integer> refused = new AtomicReference<>(0);
            proxy.fault(FaultProxy.where(runsWith("order_by"), (request, behind) -> {
                refused.set(refused.get() + 1);
                return status(400, "{\"error\":\"order_by is invalid\"}");
            }));
            try (RefreshBench bench = new RefreshBench(proxy.uri(), settings, clock.get())) {
                bench.refresh(MINUTE);
            }
            int before = refused.get();
            assertThat(before).isPositive();
            try (RefreshBench bench = new RefreshBench(proxy.uri(), settings, clock.get())) {
                assertThat(bench.refresh(Duration.ofMinutes(2))).isEqualTo(Outcome.COMPLETE);
                assertThat(refused.get()).isEqualTo(before);
                bench.refresh(Duration.ofHours(1));
                assertThat(refused.get()).as("tried again after an hour").isGreaterThan(before);
            }
        }
    }
}

package io.mlflowexporter.mlflow.rest.traces;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.TraceSource;
import io.mlflowexporter.mlflow.rest.Client;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceProjection;
import io.mlflowexporter.mlflow.traces.TraceQuery;
import io.mlflowexporter.mlflow.traces.TraceQuery.By;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which traces are read, page by page. */
final class TraceReadingTest {
    private static final long START = 1_770_000_000_000L;
    private static final long DAY = Duration.ofDays(1).toMillis();

    private final TraceServer server = new TraceServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private static TraceQuery query(By by, long from, long to, String... experiments) {
        return new TraceQuery("", List.of(experiments), by, from, to, TraceProjection.NOTHING);
    }

    private TraceSource traces(String... settings) throws Exception {
        return Client.of(server.server.uri(), settings).source.traces().orElseThrow();
    }

    private static Set<String> ids(TraceSource traces, TraceQuery query) throws MlflowException {
        List<String> read = new ArrayList<>();
        assertThat(traces.search(query, Long.MAX_VALUE, trace -> read.add(trace.id())))
                .isEqualTo(query.toMillis());
        assertThat(read).doesNotHaveDuplicates();
        return Set.copyOf(read);
    }

    private static TraceServer.Row random(Random random, int i) {
        long start = START + random.nextInt(40) * (random.nextBoolean() ? 1 : DAY / 40);
        long duration =
                random.nextInt(5) == 0 ? -1 : random.nextInt(4) == 0 ? random.nextLong(DAY) : random.nextInt(20);
        return new TraceServer.Row("t" + i, Integer.toString(random.nextInt(3)), start, duration);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyTraceOfAStretchIsDeliveredOnceWhateverTheTiesAndPages(boolean knowsEndTime) throws Exception {
        server.knowsEndTime = knowsEndTime;
        for (int seed = 0; seed < 6; seed++) {
            Random random = new Random(seed);
            server.rows.clear();
            IntStream.range(0, 60).forEach(i -> server.rows.add(random(random, i)));
            server.page = 1 + random.nextInt(9);
            long from = START + random.nextLong(DAY);
            long to = random.nextInt(4) == 0 ? Long.MAX_VALUE : from + random.nextLong(2 * DAY);
            TraceSource traces = traces();
            for (By by : By.values()) {
                Set<String> expected = server.rows.stream()
                        .filter(row -> !row.experiment().equals("2"))
                        .filter(row -> by == By.START || row.inProgress() == (by == By.IN_PROGRESS))
                        .filter(row -> {
                            long time = by == By.END ? row.end() : row.start();
                            return time >= from && time < to;
                        })
                        .map(TraceServer.Row::id)
                        .collect(Collectors.toSet());

                assertThat(ids(traces, query(by, from, to, "0", "1")))
                        .as("seed %s, %s", seed, by)
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readingInPiecesMissesNothing(boolean knowsEndTime) throws Exception {
        server.knowsEndTime = knowsEndTime;
        for (int seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            server.rows.clear();
            IntStream.range(0, 60).forEach(i -> server.rows.add(random(random, i)));
            server.page = 1 + random.nextInt(5);
            for (By by : By.values()) {
                TraceSource traces = traces();
                Set<String> read = new HashSet<>();
                long reached = START;
                while (reached < Long.MAX_VALUE) {
                    long before = reached;
                    reached = traces.search(
                            query(by, reached, Long.MAX_VALUE, "0", "1", "2"), 3, trace -> read.add(trace.id()));
                    assertThat(reached).isGreaterThan(before);
                }

                assertThat(read).isEqualTo(ids(traces, query(by, START, Long.MAX_VALUE, "0", "1", "2")));
            }
        }
    }

    @Test
    void manyExperimentsAreAskedForTogetherAndInPartsWhereTheServerTakesFew() throws Exception {
        String[] experiments =
                IntStream.range(0, 250).mapToObj(Integer::toString).toArray(String[]::new);
        for (String experiment : experiments) {
            server.rows.add(new TraceServer.Row("t" + experiment, experiment, START, 1));
        }
        server.page = 1_000;
        TraceQuery query = query(By.START, START, START + 1, experiments);

        assertThat(ids(traces(), query)).hasSize(250);
        int together = server.server.requests().size();
        Client client = Client.of(server.server.uri());
        client.source.assume(client.source.capabilities().withExperimentsPerQuery(100));
        assertThat(ids(client.source.traces().orElseThrow(), query)).hasSize(250);

        assertThat(together).isLessThanOrEqualTo(3);
        assertThat(server.server
                        .requests()
                        .subList(together, server.server.requests().size()))
                .allSatisfy(request ->
                        assertThat(request.body().split("experiment_id", -1)).hasSizeLessThanOrEqualTo(101));
    }

    @Test
    void aServerThatFiltersByEndIsAskedSoOnceAndOneThatDoesNotOnlyOnce() throws Exception {
        server.knowsEndTime = false;
        server.rows.add(new TraceServer.Row("t", "0", START, 5));
        Client client = Client.of(server.server.uri());
        TraceSource traces = client.source.traces().orElseThrow();

        ids(traces, query(By.END, START, START + 10, "0"));
        ids(traces, query(By.END, START, START + 10, "0"));

        assertThat(server.server.requests().stream().filter(r -> r.body().contains("end_time_ms")))
                .hasSize(1);
        assertThat(client.source.capabilities().can(Ability.FILTER_TRACES_BY_END_TIME))
                .isFalse();
        assertThat(client.requests("traces/search", "400")).isEmpty();
    }

    @Test
    void aServerWithoutTracesIsOneWithoutAWord() throws Exception {
        for (int code : new int[] {404, 405, 501}) {
            server.server.then(status(code, "<html>no</html>"), status(code, "<html>no</html>"));
            Client client = Client.of(server.server.uri());
            TraceSource traces = client.source.traces().orElseThrow();

            assertThat(traces.hasTraces()).isFalse();
            assertThat(traces.hasAggregates()).isFalse();
            assertThat(client.requests("traces/search", Integer.toString(code))).isEmpty();
        }
    }

    @Test
    void whatAServerCanDoIsAskedOnceAndKept() throws Exception {
        Client client = Client.of(server.server.uri());
        TraceSource traces = client.source.traces().orElseThrow();
        server.server.then(
                status(404, "{\"error_code\": \"RESOURCE_DOES_NOT_EXIST\", \"message\": \"Experiment 0\"}"),
                json("{}"));

        assertThat(traces.hasTraces()).isTrue();
        assertThat(traces.hasAggregates()).isTrue();
        Client later = Client.of(server.server.uri());
        later.source.assume(client.source.capabilities());
        assertThat(later.source.traces().orElseThrow().hasTraces()).isTrue();
        assertThat(later.source.traces().orElseThrow().hasAggregates()).isTrue();
        assertThat(traces.hasTraces()).isTrue();

        assertThat(server.server.requests()).hasSize(2);
    }

    @Test
    void aServerThatDoesNotSortIsNotReadWrongly() throws Exception {
        server.server.then(json(
                "{\"traces\":[" + trace("a", START + 5) + "," + trace("b", START) + "],\"next_page_token\":\"2\"}"));

        assertThatThrownBy(() -> traces().search(query(By.START, START, Long.MAX_VALUE, "0"), 10, trace -> {}))
                .isInstanceOfSatisfying(
                        MlflowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BAD_ANSWER));
    }

    @Test
    void aTraceLargerThanWhatIsHeldIsReadAsItComes() throws Exception {
        String large = "\"request_preview\":\"" + "x".repeat(3 << 20) + "\",";
        server.server.otherwise(
                request -> json("{\"traces\":[{" + large + trace("a", START).substring(1) + "]}"));
        List<Trace> read = new ArrayList<>();

        Client.inHeap(16 << 20, server.server.uri())
                .source
                .traces()
                .orElseThrow()
                .search(query(By.START, START, Long.MAX_VALUE, "0"), 10, read::add);

        assertThat(read).extracting(Trace::id).containsExactly("a");
    }

    private static String trace(String id, long start) {
        return "{\"trace_id\":\"" + id + "\",\"request_time\":" + start + ",\"state\":\"OK\"}";
    }
}

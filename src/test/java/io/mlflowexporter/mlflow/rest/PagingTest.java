package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.testing.ScriptedServer;
import io.mlflowexporter.testing.ScriptedServer.Answer;
import io.mlflowexporter.testing.ScriptedServer.Request;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That every run is delivered, and once, however the pages fall and whatever happens between them. */
final class PagingTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern FROM = Pattern.compile("attributes.start_time >= ([0-9]+)");

    private record Row(String id, long start) {}

    private final ScriptedServer server = ScriptedServer.start();
    private final TreeSet<Row> rows =
            new TreeSet<>(Comparator.comparingLong(Row::start).thenComparing(Row::id));
    private IntConsumer beforePage = page -> {};
    private int padding;
    private int cap = Integer.MAX_VALUE;
    private int pages;
    private final List<Integer> answered = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        server.close();
    }

    /** Sorts, filters and pages by offset as MLflow's SQL store does. */
    private synchronized Answer search(Request request) {
        try {
            JsonNode asked = JSON.readTree(request.body());
            assertThat(asked.path("order_by").path(0).asText()).isEqualTo("attributes.start_time ASC");
            beforePage.accept(pages++);
            Matcher from = FROM.matcher(asked.path("filter").asText());
            long least = from.find() ? Long.parseLong(from.group(1)) : 0;
            List<Row> selected =
                    rows.stream().filter(row -> row.start() >= least).toList();
            int offset = asked.path("page_token").asInt(0);
            int end = Math.min(
                    selected.size(),
                    offset + Math.min(cap, asked.path("max_results").asInt()));
            List<String> runs = new ArrayList<>();
            for (Row row : selected.subList(Math.min(offset, end), end)) {
                String start = row.start() == 0 ? "" : ", \"start_time\": " + row.start();
                runs.add("{\"info\": {\"run_id\": \"" + row.id() + "\", \"experiment_id\": \"0\"" + start
                        + ", \"pad\": \"" + "x".repeat(padding) + "\"}}");
            }
            String next = end < selected.size() ? ", \"next_page_token\": \"" + end + "\"" : "";
            String page = "{\"runs\": [" + String.join(",", runs) + "]" + next + "}";
            answered.add(page.length());
            return json(page);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private List<String> read(String... settings) throws Exception {
        server.otherwise(this::search);
        return Client.of(server.uri(), settings).runs().stream().map(Run::id).toList();
    }

    private List<String> ids() {
        return rows.stream().map(Row::id).toList();
    }

    private void rows(int from, int to, long start) {
        for (int i = from; i < to; i++) {
            rows.add(new Row("%05d".formatted(i), start));
        }
    }

    @Test
    void pagesFollowByStartTime() throws Exception {
        for (int i = 0; i < 25; i++) {
            rows(i, i + 1, 1_000 + i);
        }

        assertThat(read("page_size", "4")).containsExactlyElementsOf(ids());
        assertThat(server.requests()).noneMatch(request -> request.body().contains("page_token"));
    }

    @Test
    void oneMillisecondHoldsMoreThanAPage() throws Exception {
        rows(0, 3, 1_000);
        rows(3, 20, 1_001);
        rows(20, 23, 1_002);

        assertThat(read("page_size", "4")).containsExactlyInAnyOrderElementsOf(ids());
    }

    @Test
    void runsWithoutAStartTimeComeFirstAndAreAllRead() throws Exception {
        rows(0, 15, 0);
        rows(15, 22, 1_000);

        assertThat(read("page_size", "4")).containsExactlyInAnyOrderElementsOf(ids());
    }

    @Test
    void runsThatGoBetweenPagesShiftNothing() throws Exception {
        for (int i = 0; i < 20; i++) {
            rows(i, i + 1, 1_000 + i);
        }
        beforePage = page -> {
            if (page == 2) {
                rows.pollFirst();
                rows.pollFirst();
                rows.pollFirst();
            }
        };
        List<String> all = ids();

        assertThat(read("page_size", "4")).containsExactlyElementsOf(all);
    }

    @Test
    void runsThatComeBetweenPagesShiftNothing() throws Exception {
        for (int i = 0; i < 20; i++) {
            rows(i, i + 1, 1_000 + i);
        }
        beforePage = page -> {
            if (page == 2) {
                // An import with old times, and new runs.
                rows(100, 107, 500);
                rows(200, 202, 2_000);
            }
        };

        assertThat(read("page_size", "4"))
                .doesNotHaveDuplicates()
                .contains("00000", "00019", "00200", "00201")
                .hasSize(22);
    }

    @Test
    void pagesThatAreTooLargeShrinkToOneRun() throws Exception {
        for (int i = 0; i < 12; i++) {
            rows(i, i + 1, 1_000 + i / 6);
        }
        padding = 40_000;

        assertThat(read("page_size", "1000", "max_response_size", "64KiB")).containsExactlyInAnyOrderElementsOf(ids());

        padding = 70_000;
        MlflowException failure = null;
        try {
            read("page_size", "1000", "max_response_size", "64KiB");
        } catch (MlflowException e) {
            failure = e;
        }
        assertThat(failure).isNotNull();
        assertThat(failure.kind()).isEqualTo(Kind.TOO_LARGE);
        assertThat(failure)
                .hasMessageContaining("a single run is larger than mlflow.max_response_size, 65536 bytes; raise it, or")
                .hasMessageContaining("the experiments with the ids 0");
    }

    @Test
    void aPageIsSmallInASmallHeap() throws Exception {
        for (int i = 0; i < 300; i++) {
            rows(i, i + 1, 1_000 + i);
        }
        padding = 60_000;
        server.otherwise(this::search);

        Client small = Client.inHeap(8 << 20, server.uri());
        assertThat(small.runs()).extracting(Run::id).containsExactlyElementsOf(ids());
        assertThat(answered).as("a sixteenth of the heap, after the first").allMatch(bytes -> bytes < 6 << 20);
        assertThat(answered.subList(6, answered.size())).allMatch(bytes -> bytes < 600_000);

        padding = 1_100_000;
        assertThatThrownBy(small::runs)
                .hasMessageContaining("a single run is larger than 1048576 bytes, the eighth of the heap that an"
                        + " answer may take; give more with java -Xmx, or leave");
    }

    @Test
    void aListThatIsTooLargeIsAskedForInSmallerPagesFromThenOn() throws Exception {
        server.otherwise(request -> {
            JsonNode asked = parsed(request.body());
            int from = asked.path("page_token").asInt(0);
            int to = Math.min(30, from + asked.path("max_results").asInt());
            List<String> page = new ArrayList<>();
            for (int i = from; i < to; i++) {
                page.add("{\"experiment_id\": \"" + i + "\", \"tags\": [{\"key\": \"note\", \"value\": \""
                        + "x".repeat(100_000) + "\"}]}");
            }
            String next = to < 30 ? ", \"next_page_token\": \"" + to + "\"" : "";
            return json("{\"experiments\": [" + String.join(",", page) + "]" + next + "}");
        });
        Client client = Client.inHeap(8 << 20, server.uri());

        assertThat(client.experiments()).hasSize(30);
        int first = server.requests().size();
        assertThat(client.experiments()).hasSize(30);
        assertThat(server.requests().size() - first).isLessThan(first);
    }

    @Test
    void aPageIsHalvedAsOftenAsNeededWhereTheLimitIsConfigured() throws Exception {
        server.otherwise(request -> {
            if (!request.target().contains("registered-models")) {
                return json("{}");
            }
            Matcher most = Pattern.compile("max_results=([0-9]+)").matcher(request.target());
            Matcher token = Pattern.compile("page_token=([0-9]+)").matcher(request.target());
            int from = token.find() ? Integer.parseInt(token.group(1)) : 0;
            int to = Math.min(125, from + (most.find() ? Integer.parseInt(most.group(1)) : 100));
            List<String> page = new ArrayList<>();
            for (int i = from; i < to; i++) {
                page.add("{\"name\": \"" + i + "\", \"description\": \"" + "x".repeat(10_000) + "\"}");
            }
            String next = to < 125 ? ", \"next_page_token\": \"" + to + "\"" : "";
            return json("{\"registered_models\": [" + String.join(",", page) + "]" + next + "}");
        });
        List<String> names = new ArrayList<>();

        Client.of(server.uri(), "max_response_size", "1MiB")
                .source
                .registeredModels("", model -> names.add(model.name()));
        assertThat(names).hasSize(125).doesNotHaveDuplicates();
    }

    /** Closed, as by a server that kills its worker, or answered by a proxy; both long after the request. */
    @ParameterizedTest
    @ValueSource(ints = {0, 500, 502, 504})
    void aListThatTakesTheServerTooLongIsAskedForInSmallerPages(int code) throws Exception {
        server.otherwise(request -> {
            int most = parsed(request.body()).path("max_results").asInt();
            if (most <= 100) {
                return json("{\"experiments\": [{\"experiment_id\": \"1\", \"name\": \"a\"}]}");
            }
            return out -> {
                LockSupport.parkNanos(700_000_000);
                if (code != 0) {
                    status(code, "<html>").write(out);
                }
            };
        });
        Client client = Client.of(server.uri(), "read_timeout", "1200ms");

        assertThat(client.experiments()).hasSize(1);
        assertThat(server.requests())
                .extracting(
                        request -> parsed(request.body()).path("max_results").asInt())
                .as("never the same size twice")
                .containsExactly(1_000, 250, 62);
        assertThat(client.pauses).isEmpty();
    }

    @Test
    void anElementThatIsTooLargeDoesNotKeepTheOthersFromBeingRead() throws Exception {
        server.otherwise(request -> {
            JsonNode asked = parsed(request.body());
            int from = asked.path("page_token").asInt(0);
            int to = Math.min(300, from + asked.path("max_results").asInt());
            List<String> page = new ArrayList<>();
            for (int i = from; i < to; i++) {
                page.add("{\"experiment_id\": \"" + i + "\", \"tags\": [{\"key\": \"note\", \"value\": \""
                        + (i == 150 ? "x".repeat(900_000) : "") + "\"}, {\"key\": \"more\", \"value\": \""
                        + (i == 150 ? "x".repeat(900_000) : "") + "\"}]}");
            }
            String next = to < 300 ? ", \"next_page_token\": \"" + to + "\"" : "";
            return json("{\"experiments\": [" + String.join(",", page) + "]" + next + "}");
        });
        Client client = Client.inHeap(8 << 20, server.uri());

        assertThat(client.experiments()).hasSize(300);
        int first = server.requests().size();
        assertThat(client.experiments()).hasSize(300);
        assertThat(server.requests().size() - first).isLessThan(10);
    }

    /** In a heap that could hold more than is configured, and in one that could not. */
    @ParameterizedTest
    @ValueSource(ints = {8, 64})
    void anElementThatIsLargerThanAnAnswerMayBeIsPassedOverAndNamed(int heapMib) throws Exception {
        server.otherwise(request -> {
            JsonNode asked = parsed(request.body());
            int from = asked.path("page_token").asInt(0);
            int to = Math.min(300, from + asked.path("max_results").asInt());
            List<String> page = new ArrayList<>();
            for (int i = from; i < to; i++) {
                String tag = "{\"key\": \"note\", \"value\": \"" + "x".repeat(i == 150 ? 500_000 : 10) + "\"}";
                page.add("{\"experiment_id\": \"" + i + "\", \"tags\": ["
                        + String.join(",", Collections.nCopies(5, tag)) + "]}");
            }
            String next = to < 300 ? ", \"next_page_token\": \"" + to + "\"" : "";
            return json("{\"experiments\": [" + String.join(",", page) + "]" + next + "}");
        });
        Client client = Client.inHeap(heapMib << 20, server.uri(), "max_response_size", "2MiB");
        List<String> ids = new ArrayList<>();
        List<String> tooLarge = new ArrayList<>();

        client.source.experiments("", ViewType.ALL, tag -> false, new Listing<>() {
            @Override
            public void accept(Experiment experiment) {
                ids.add(experiment.id());
            }

            @Override
            public void tooLarge(Experiment experiment) {
                tooLarge.add(experiment.id());
            }
        });

        assertThat(ids).hasSize(299).doesNotHaveDuplicates().doesNotContain("150");
        assertThat(tooLarge).containsExactly("150");
    }

    @Test
    void aServerThatGivesAllAtOnceIsReadThoughThatIsMoreThanAnAnswerMayBe() throws Exception {
        String experiments = IntStream.range(0, 30_000)
                .mapToObj(i -> "{\"experiment_id\": \"" + i + "\", \"name\": \"" + "x".repeat(100) + "\"}")
                .collect(Collectors.joining(","));
        server.otherwise(request -> json("{\"experiments\": [" + experiments + "]}"));

        assertThat(Client.inHeap(8 << 20, server.uri(), "max_response_size", "2MiB")
                        .experiments())
                .hasSize(30_000);
    }

    @Test
    void aListWhosePagesBringNothingNewIsGivenUp() throws Exception {
        server.otherwise(request -> json("{\"experiments\": [{\"experiment_id\": \"1\"}], \"next_page_token\": \""
                + server.requests().size() + "\"}"));

        assertThat(Client.of(server.uri(), "max_requests_per_second", "10000").failure())
                .hasMessageContaining("the server gives page after page without anything new");
    }

    @Test
    void pagesOfOneMillisecondWithoutEndAreGivenUpBeforeTheyTakeAllMemory() throws Exception {
        // A page brings ten new runs and a token as long as tokens may be.
        server.otherwise(request -> {
            int page = server.requests().size();
            String runs = IntStream.range(0, 10)
                    .mapToObj(i -> "{\"info\": {\"run_id\": \"" + page + "-" + i + "\", \"start_time\": 1000}}")
                    .collect(Collectors.joining(","));
            return json("{\"runs\": [" + runs + "], \"next_page_token\": \"" + page + "x".repeat(8_000) + "\"}");
        });

        assertThatThrownBy(Client.inHeap(8 << 20, server.uri(), "max_requests_per_second", "10000")::runs)
                .hasMessageContaining("more runs began in the same millisecond than memory has room for");
        assertThat(server.requests())
                .as("an eighth of the heap by a hundred, eleven a page")
                .hasSizeLessThan(1_000);
    }

    @Test
    void aHistoryThatIsTooLargeIsAskedForInPages() throws Exception {
        String point = "{\"key\": \"m\", \"value\": 1.5, \"timestamp\": 1700000000000, \"step\": 0}";
        server.otherwise(request -> {
            Matcher most = Pattern.compile("max_results=([0-9]+)").matcher(request.target());
            Matcher token = Pattern.compile("page_token=([0-9]+)").matcher(request.target());
            int from = token.find() ? Integer.parseInt(token.group(1)) : 0;
            int to = most.find() ? Math.min(30_000, from + Integer.parseInt(most.group(1))) : 30_000;
            String next = to < 30_000 ? ", \"next_page_token\": \"" + to + "\"" : "";
            return json("{\"metrics\": [" + (point + ",").repeat(to - from - 1) + point + "]" + next + "}");
        });
        List<Run.Metric> points = new ArrayList<>();

        Client.inHeap(8 << 20, server.uri()).source.metricHistory("", "r", "m", points::add);

        assertThat(points).hasSize(30_000);
    }

    private static JsonNode parsed(String body) {
        try {
            return JSON.readTree(body);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aPageThatHasShrunkGrowsOnlyWhileThereIsRoom() throws Exception {
        for (int i = 0; i < 60; i++) {
            rows(i, i + 1, 1_000 + i);
        }
        padding = 10_000;

        read("page_size", "10", "max_response_size", "64KiB");
        assertThat(server.requests())
                .as("10 runs are too large, pages of 5 have no room for a sixth; pages after the first repeat a run")
                .hasSizeLessThan(18);

        padding = 10;
        int before = server.requests().size();
        read("page_size", "10", "max_response_size", "64KiB");
        assertThat(server.requests()).as("pages of 10").hasSizeLessThan(before + 9);
    }

    @Test
    void aServerMayGiveLessThanAskedFor() throws Exception {
        rows(0, 3, 1_000);
        rows(3, 9, 1_001);
        cap = 2;

        assertThat(read("page_size", "1000")).containsExactlyInAnyOrderElementsOf(ids());
    }

    @Test
    void aServerMayGiveMoreThanAskedFor() throws Exception {
        server.otherwise(request -> json(page("a", 1, "b", 2, "c", 3)));

        assertThat(Client.of(server.uri(), "page_size", "1").runs()).hasSize(3);
    }

    /** A page of runs, as pairs of id and start. */
    private static String page(Object... pairs) {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < pairs.length; i += 2) {
            runs.add("{\"info\": {\"run_id\": \"" + pairs[i] + "\", \"start_time\": " + pairs[i + 1] + "}}");
        }
        return "{\"runs\": [" + String.join(",", runs) + "]}";
    }

    private static Answer page(String token, String body) {
        return json(body.substring(0, body.length() - 1) + ", \"next_page_token\": \"" + token + "\"}");
    }

    private MlflowException refused() throws Exception {
        try {
            Client.of(server.uri()).runs();
        } catch (MlflowException e) {
            assertThat(e.kind()).isEqualTo(Kind.BAD_ANSWER);
            return e;
        }
        throw new AssertionError("nothing failed");
    }

    @Test
    void pagesThatRepeatForEverAreGivenUp() throws Exception {
        server.otherwise(request -> page("same", page("a", 1)));
        assertThat(refused()).hasMessageContaining("repeats a page for ever");

        String[] turn = {"x", "y"};
        server.otherwise(request -> page(turn[server.requests().size() % 2], page("a", 1)));
        assertThat(refused()).hasMessageContaining("repeats a page for ever");
    }

    @Test
    void emptyPagesBeforeTheEndArePassed() throws Exception {
        server.then(page("1", page()), page("2", page()), json(page("a", 1)));

        assertThat(Client.of(server.uri()).runs()).hasSize(1);
    }

    @Test
    void aServerThatDoesNotSortIsReadToTheEndByItsTokens() throws Exception {
        server.then(
                page("1", page("a", 5, "b", 3)),
                page("1", page("a", 5, "b", 3)),
                page("2", page("b", 3, "c", 9)),
                json(page("d", 1)));
        Client client = Client.of(server.uri());

        assertThat(client.runs()).extracting(Run::id).containsExactly("a", "b", "c", "d");
        assertThat(server.requests().get(1).body()).doesNotContain("order_by");
        assertThat(client.source.capabilities().limits())
                .containsExactly(
                        "The server does not sort runs or filter them by start time: every refresh reads all runs, one"
                                + " experiment at a time.",
                        "The server does not filter runs by id: unfinished runs are asked for one by one.");
    }

    @Test
    void aServerThatStopsSortingIsNotReadOnAsRunsWouldBeLost() throws Exception {
        server.then(page("1", page("a", 5, "b", 6)), page("2", page("b", 6, "a", 5)));

        assertThat(refused()).hasMessageContaining("does not sort and filter runs by start time");
    }

    @Test
    void theRestRepeatsItsTokenOrItsItems() throws Exception {
        String one = "{\"experiment_id\": \"1\", \"name\": \"a\"}";
        String two = "{\"experiment_id\": \"2\", \"name\": \"b\"}";
        server.then(
                json("{\"experiments\": [" + one + "], \"next_page_token\": \"t\"}"),
                json("{\"experiments\": [" + one + "," + two + "]}"));
        assertThat(Client.of(server.uri()).experiments())
                .extracting(e -> e.id())
                .containsExactly("1", "2");

        server.otherwise(request -> json("{\"experiments\": [" + one + "], \"next_page_token\": \"t\"}"));
        assertThat(Client.of(server.uri()).failure()).hasMessageContaining("the server repeats a page token for ever");
    }

    @Test
    void aRetriedPageIsDeliveredOnce() throws Exception {
        rows(0, 9, 1_000);
        server.then(
                search(new Request(
                        "POST",
                        "",
                        java.util.Map.of(),
                        "{\"max_results\": 4, \"order_by\": [\"attributes.start_time ASC\"]}")),
                status(503, ""));

        assertThat(read("page_size", "4")).containsExactlyInAnyOrderElementsOf(ids());
    }
}

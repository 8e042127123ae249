package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mlflowexporter.catalog.sync.NamedMetrics;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.settings.value.Glob;
import io.mlflowexporter.testing.ScriptedServer;
import io.mlflowexporter.testing.ScriptedServer.Answer;
import io.mlflowexporter.testing.ScriptedServer.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** However many requests are under way at once, the same runs are delivered in the same order. */
final class ParallelPagingTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern FROM = Pattern.compile("attributes.start_time >= ([0-9]+)");
    private static final Pattern BEFORE = Pattern.compile("attributes.start_time < ([0-9]+)");
    private static final long FIRST = Client.NOW.minus(Duration.ofDays(60)).toEpochMilli();

    /** Runs in ascending order of their starts, searched as MLflow does. */
    private static final class Runs {
        private final long[] starts;
        private final IntPredicate fails;
        private final int padding;
        private final AtomicInteger requests = new AtomicInteger();
        private final AtomicInteger underWay = new AtomicInteger();
        private final AtomicInteger mostUnderWay = new AtomicInteger();
        private final CountDownLatch together = new CountDownLatch(1);
        private int awaited;
        private boolean withData;

        Runs(long[] starts, IntPredicate fails, int padding) {
            this.starts = starts;
            this.fails = fails;
            this.padding = padding;
        }

        Answer answer(Request request) {
            int now = underWay.incrementAndGet();
            mostUnderWay.accumulateAndGet(now, Math::max);
            try {
                if (now >= awaited) {
                    together.countDown();
                } else if (requests.get() >= 2
                        && request.body().contains(" < ")
                        && !together.await(20, TimeUnit.SECONDS)) {
                    return status(500, "nobody else asks");
                }
                return fails.test(requests.getAndIncrement()) ? status(500, "") : page(request);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            } finally {
                underWay.decrementAndGet();
            }
        }

        private Answer page(Request request) {
            JsonNode asked;
            try {
                asked = JSON.readTree(request.body());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            long from = number(FROM, asked, Long.MIN_VALUE);
            long before = number(BEFORE, asked, Long.MAX_VALUE);
            int skip = asked.path("page_token").asInt(0);
            int most = asked.path("max_results").asInt();
            List<String> found = new ArrayList<>();
            int matching = 0;
            for (int i = 0; i < starts.length; i++) {
                if (starts[i] >= from && starts[i] < before && matching++ >= skip && found.size() < most) {
                    String start = starts[i] == 0 ? "" : ", \"start_time\": " + starts[i];
                    found.add("{\"info\": {\"run_id\": \"" + i + "\", \"experiment_id\": \"0\", \"pad\": \""
                            + "x".repeat(i % 50 == 0 ? 10 * padding : padding) + "\"" + start + "}"
                            + (withData ? data(i, starts[i]) : "") + "}");
                }
            }
            String next =
                    skip + found.size() < matching ? ", \"next_page_token\": \"" + (skip + found.size()) + "\"" : "";
            return json("{\"runs\": [" + String.join(",", found) + "]" + next + "}");
        }

        /** Names of metrics are others in each run, as if somebody put a number into them. */
        private static String data(int i, long start) {
            return ", \"data\": {\"tags\": [{\"key\": \"team\", \"value\": \"t%1$d\"}, {\"key\": \"note\", \"value\": \"n%1$d\"}],"
                            .formatted(i % 7)
                    + " \"params\": [{\"key\": \"depth\", \"value\": \"%1$d\"}, {\"key\": \"seed\", \"value\": \"%1$d\"}],"
                            .formatted(i)
                    + " \"metrics\": [{\"key\": \"val_%1$d\", \"value\": %1$d, \"timestamp\": %2$d}, {\"key\": \"val_loss\", \"value\": 0.5,"
                            .formatted(i, start)
                    + " \"timestamp\": %2$d}, {\"key\": \"step_%1$d\", \"value\": 1, \"timestamp\": %2$d}]}"
                            .formatted(i, start);
        }

        private static long number(Pattern pattern, JsonNode asked, long otherwise) {
            Matcher matcher = pattern.matcher(asked.path("filter").asText());
            return matcher.find() ? Long.parseLong(matcher.group(1)) : otherwise;
        }
    }

    /** Runs that come evenly, in bursts of many in one millisecond or second, after pauses, and in the future. */
    private static long[] starts(Random random) {
        long[] starts = new long[random.nextInt(600)];
        long last = random.nextInt(4) == 0 ? 0 : FIRST;
        long pace = 60_000;
        for (int i = 0; i < starts.length; i++) {
            starts[i] = last;
            if (random.nextInt(40) == 0) {
                long[] paces = {
                    0, 1, 20, 1_000, 60_000, 3_600_000, Duration.ofDays(20).toMillis()
                };
                pace = paces[random.nextInt(paces.length)];
            }
            last = Math.max(
                    last == 0 && random.nextInt(5) > 0 ? 0 : FIRST, last + (long) (random.nextDouble() * 2 * pace));
        }
        return starts;
    }

    private static List<String> read(Runs runs, long from, int atLeast, String... settings) throws Exception {
        try (ScriptedServer server = ScriptedServer.start()) {
            server.otherwise(runs::answer);
            Client client = Client.of(server.uri(), settings);
            List<String> ids = new ArrayList<>();
            RunQuery query = new RunQuery("", List.of("0"), ViewType.ALL, "", from);
            long to =
                    client.source.someRuns(query, RunProjection.everything(), atLeast, (Run run) -> ids.add(run.id()));
            // All that started before it, and of those only what comes at that time.
            for (int i = 0; i < runs.starts.length; i++) {
                if (runs.starts[i] >= from && runs.starts[i] < to) {
                    assertThat(ids).contains(Integer.toString(i));
                }
            }
            assertThat(ids.size() >= atLeast || to == Long.MAX_VALUE).isTrue();
            client.source.close();
            return ids;
        }
    }

    private static List<String> expected(long[] starts, long from) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < starts.length; i++) {
            if (starts[i] >= from) {
                ids.add(Integer.toString(i));
            }
        }
        return ids;
    }

    @Property(tries = 60)
    void theOrderIsThatOfOneByOne(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int pageSize,
            @ForAll @IntRange(min = 1, max = 8) int parallel)
            throws Exception {
        Random random = new Random(seed);
        long[] starts = starts(random);
        long from = random.nextBoolean()
                ? Times.ABSENT
                : FIRST + Duration.ofDays(random.nextInt(60)).toMillis();
        // One in ten requests fails and is sent again, or fails ahead only.
        Random failures = new Random(seed);
        boolean faulty = random.nextBoolean();
        Runs runs = new Runs(starts, request -> faulty && failures.nextInt(10) == 0, random.nextBoolean() ? 10 : 1_000);

        List<String> all = read(
                runs,
                from,
                Integer.MAX_VALUE,
                "page_size",
                Integer.toString(pageSize),
                "parallel_requests",
                Integer.toString(parallel),
                "max_response_size",
                "64KiB",
                "retries",
                "15",
                "max_requests_per_second",
                "10000");

        assertThat(all).isEqualTo(expected(starts, from));
        assertThat(runs.mostUnderWay.get()).isLessThanOrEqualTo(parallel);
    }

    @Property(tries = 40)
    void someRunsAreThoseThatComeFirst(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int pageSize,
            @ForAll @IntRange(min = 1, max = 300) int atLeast)
            throws Exception {
        long[] starts = starts(new Random(seed));
        Runs runs = new Runs(starts, request -> false, 10);

        List<String> some = read(
                runs,
                Times.ABSENT,
                atLeast,
                "page_size",
                Integer.toString(pageSize),
                "parallel_requests",
                "4",
                "max_requests_per_second",
                "10000");

        assertThat(some).isEqualTo(expected(starts, Long.MIN_VALUE).subList(0, some.size()));
    }

    @Test
    void asManyRequestsAreUnderWayAsIsAllowed() throws Exception {
        long[] starts = new long[2_000];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = FIRST + i * 60_000L;
        }
        Runs runs = new Runs(starts, request -> false, 10);
        runs.awaited = 4;

        List<String> all = read(
                runs,
                Times.ABSENT,
                Integer.MAX_VALUE,
                "page_size",
                "50",
                "parallel_requests",
                "4",
                "max_requests_per_second",
                "10000",
                "retries",
                "0");

        assertThat(all).isEqualTo(expected(starts, Long.MIN_VALUE));
        assertThat(runs.mostUnderWay).hasValue(4);
        assertThat(runs.requests.get()).as("requests for 40 full pages").isLessThan(90);
    }

    /** What the exporter asks for: its predicates are asked by several threads at once. */
    @Test
    void whatIsKeptOfEachRunIsTheSameToo() throws Exception {
        long[] starts = new long[1_500];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = FIRST + i * 60_000L;
        }
        List<List<Run>> read = new ArrayList<>();
        for (String parallel : List.of("1", "8")) {
            Runs runs = new Runs(starts, request -> false, 10);
            runs.withData = true;
            try (ScriptedServer server = ScriptedServer.start()) {
                server.otherwise(runs::answer);
                Client client = Client.of(
                        server.uri(),
                        "page_size",
                        "25",
                        "parallel_requests",
                        parallel,
                        "max_requests_per_second",
                        "10000");
                NamedMetrics metrics = new NamedMetrics(Set.of(Glob.of("val_*"), Glob.of("*loss")));
                List<Run> all = new ArrayList<>();
                client.source.runs(
                        new RunQuery("", List.of("0"), ViewType.ALL, "", Times.ABSENT),
                        new RunProjection(Set.of("team")::contains, Set.of("depth")::contains, metrics),
                        all::add);
                client.source.close();
                read.add(all);
            }
        }

        assertThat(read.get(1)).isEqualTo(read.get(0)).hasSize(1_500);
        Run run = read.get(1).get(1_234);
        assertThat(run.tags()).isEqualTo(Map.of("team", "t2"));
        assertThat(run.params()).isEqualTo(Map.of("depth", "1234"));
        assertThat(run.metrics()).containsOnlyKeys("val_1234", "val_loss");
        assertThat(run.metrics().get("val_1234").value()).isEqualTo(1_234);
    }

    @Test
    void aFailureIsThatOfTheStretchWhoseTurnItIs() throws Exception {
        long[] starts = new long[300];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = FIRST + i * 60_000L;
        }
        // From the tenth request on nothing is answered.
        Runs runs = new Runs(starts, request -> request >= 10, 10);
        List<String> delivered = new ArrayList<>();
        try (ScriptedServer server = ScriptedServer.start()) {
            server.otherwise(runs::answer);
            Client client = Client.of(server.uri(), "page_size", "20", "parallel_requests", "4", "retries", "0");
            RunQuery query = new RunQuery("", List.of("0"), ViewType.ALL, "", Times.ABSENT);
            try {
                client.source.runs(query, RunProjection.everything(), run -> delivered.add(run.id()));
                throw new AssertionError("nothing failed");
            } catch (MlflowException e) {
                assertThat(e.kind()).isEqualTo(MlflowException.Kind.UNAVAILABLE);
            }
        }
        assertThat(delivered)
                .isNotEmpty()
                .isEqualTo(expected(starts, Long.MIN_VALUE).subList(0, delivered.size()));
    }
}

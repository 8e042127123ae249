package io.mlflowexporter.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.demo.life.SimulationOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DemoWorldTest {
    private static final String START = "2026-03-04T10:00:00Z";
    private static final String ALL_RUNS =
            "{\"experiment_ids\":[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"],\"run_view_type\":\"ALL\",\"max_results\":50000}";

    private static SimulationOptions options(ManualClock clock) {
        return SimulationOptions.defaults().withClock(clock).withSpeed(60);
    }

    @Test
    void oneSeedGivesOneHistoryAndAnotherSeedAnother() throws IOException, InterruptedException {
        String first = everything(options(new ManualClock(START)), Duration.ZERO, 1);
        assertThat(everything(options(new ManualClock(START)), Duration.ZERO, 1))
                .isEqualTo(first);
        assertThat(everything(options(new ManualClock(START)).withSeed(8), Duration.ZERO, 1))
                .isNotEqualTo(first);
    }

    @Test
    void theFutureDoesNotDependOnHowOftenItIsLookedAt() throws IOException, InterruptedException {
        Duration hour = Duration.ofHours(1);
        assertThat(everything(options(new ManualClock(START)), hour, 37))
                .isEqualTo(everything(options(new ManualClock(START)), hour, 1));
    }

    private static String everything(SimulationOptions options, Duration forward, int looks)
            throws IOException, InterruptedException {
        try (SimulatedMlflow server = SimulatedMlflow.start(options)) {
            Rest rest = new Rest(server);
            for (int i = 0; i < looks; i++) {
                ((ManualClock) options.clock()).advance(forward.dividedBy(looks));
                rest.get("registered-models/search");
            }
            if (looks > 1) {
                ((ManualClock) options.clock())
                        .advance(forward.minus(forward.dividedBy(looks).multipliedBy(looks)));
            }
            return rest.post("runs/search", ALL_RUNS).body()
                    + rest.post("experiments/search", "{\"max_results\":100,\"view_type\":\"ALL\"}")
                            .body()
                    + rest.get("registered-models/search").body()
                    + rest.get("model-versions/search").body();
        }
    }

    @Test
    void theHistoryHoldsWhatAnExporterHasToCopeWith() throws IOException, InterruptedException {
        long now = Instant.parse(START).toEpochMilli();
        try (SimulatedMlflow server = SimulatedMlflow.start(options(new ManualClock(START)))) {
            Rest rest = new Rest(server);
            Set<String> statuses = new HashSet<>();
            Set<String> names = new TreeSet<>();
            Set<String> classes = new HashSet<>();
            int count = 0;
            int deleted = 0;
            int nested = 0;
            int backwards = 0;
            int future = 0;
            int endless = 0;
            int zombies = 0;
            int random = 0;
            int systemMetrics = 0;
            for (JsonNode run : rest.post("runs/search", ALL_RUNS).json().path("runs")) {
                JsonNode info = run.path("info");
                String status = info.path("status").asText();
                long start = info.path("start_time").asLong();
                boolean ended = info.has("end_time");
                long end = info.path("end_time").asLong();
                count++;
                statuses.add(status);
                names.add(info.path("run_name").asText());
                random += info.path("run_name").asText().matches("[a-z]+-[a-z]+-\\d+") ? 1 : 0;
                deleted += info.path("lifecycle_stage").asText().equals("deleted") ? 1 : 0;
                backwards += ended && end < start ? 1 : 0;
                future += start > now ? 1 : 0;
                endless += status.equals("FINISHED") && !ended ? 1 : 0;
                zombies += status.equals("RUNNING")
                                && start < now - Duration.ofDays(2).toMillis()
                        ? 1
                        : 0;
                assertThat(end).isLessThanOrEqualTo(now);
                for (JsonNode tag : run.at("/data/tags")) {
                    nested += tag.path("key").asText().equals("mlflow.parentRunId") ? 1 : 0;
                    if (tag.path("key").asText().equals("estimator_class")) {
                        classes.add(tag.path("value").asText());
                    }
                }
                for (JsonNode metric : run.at("/data/metrics")) {
                    systemMetrics += metric.path("key").asText().startsWith("system/") ? 1 : 0;
                    assertThat(metric.path("timestamp").asLong()).isLessThanOrEqualTo(Math.max(now, start));
                }
            }
            assertThat(count).isBetween(450, 750);
            assertThat(statuses).contains("FINISHED", "FAILED", "KILLED", "RUNNING", "SCHEDULED");
            assertThat(names)
                    .contains(
                            "Tuning", "Training", "Promotion", "Evaluations", "Explanations", "Inference", "data-prep");
            assertThat(classes).hasSizeGreaterThanOrEqualTo(8);
            assertThat(List.of(deleted, nested, backwards, endless, zombies, random, systemMetrics))
                    .allMatch(n -> n > 1);
            assertThat(future).isEqualTo(1);

            assertThat(rest.post("experiments/search", "{\"max_results\":9,\"view_type\":\"DELETED_ONLY\"}")
                            .texts("experiments", "/name"))
                    .containsExactlyInAnyOrder("bikes-legacy", "scratch");
            JsonNode models = rest.get("registered-models/search").json().path("registered_models");
            assertThat(models).hasSize(3);
            models.forEach(model -> assertThat(model.path("aliases")).hasSize(2));
        }
    }

    @Test
    void itLives() throws IOException, InterruptedException {
        ManualClock clock = new ManualClock(START);
        long start = clock.millis();
        try (SimulatedMlflow server = SimulatedMlflow.start(options(clock))) {
            Rest rest = new Rest(server);
            int runs = rest.post("runs/search", ALL_RUNS).json().path("runs").size();
            int versions = rest.get("model-versions/search")
                    .json()
                    .path("model_versions")
                    .size();
            String aliases = aliases(rest);
            Set<String> states = new HashSet<>();
            int changes = 0;
            for (int i = 0; i < 60; i++) {
                clock.advance(Duration.ofSeconds(10));
                changes += states.add(rest.post("runs/search", ALL_RUNS).body()) ? 1 : 0;
            }
            assertThat(changes).as("ten-second looks that saw something new").isGreaterThan(50);
            clock.advance(Duration.ofHours(1));
            JsonNode later = rest.post("runs/search", ALL_RUNS).json().path("runs");
            assertThat(later.size()).isGreaterThan(runs + 50);
            assertThat(rest.get("model-versions/search")
                            .json()
                            .path("model_versions")
                            .size())
                    .isGreaterThan(versions);
            assertThat(aliases(rest)).isNotEqualTo(aliases);
            long now = clock.millis();
            List<Long> born = new ArrayList<>();
            for (JsonNode run : later) {
                assertThat(run.at("/info/end_time").asLong()).isLessThanOrEqualTo(now);
                if (run.at("/info/start_time").asLong() > start
                        && run.at("/info/start_time").asLong() <= now) {
                    born.add(run.at("/info/start_time").asLong());
                }
            }
            assertThat(born).hasSizeGreaterThan(50);
        }
    }

    private static String aliases(Rest rest) throws IOException, InterruptedException {
        List<String> aliases = new ArrayList<>();
        rest.get("registered-models/search")
                .json()
                .path("registered_models")
                .forEach(model -> aliases.add(model.path("aliases").toString()));
        return aliases.toString();
    }

    @Test
    void clientsMayDeleteUnderTheWorldsFeet() throws IOException, InterruptedException {
        ManualClock clock = new ManualClock(START);
        try (SimulatedMlflow server = SimulatedMlflow.start(options(clock))) {
            Rest rest = new Rest(server);
            for (String id : List.of("0", "1", "2", "3", "4")) {
                assertThat(rest.post("experiments/delete", "{\"experiment_id\":\"" + id + "\"}")
                                .status())
                        .isEqualTo(200);
            }
            server.purgeDeleted();
            clock.advance(Duration.ofHours(2));
            Rest.Reply reply = rest.post("runs/search", ALL_RUNS);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.json().path("runs")).isEmpty();
        }
    }
}

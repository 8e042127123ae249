package io.mlflowexporter.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.demo.api.Faults;
import io.mlflowexporter.demo.api.Faults.Answer;
import io.mlflowexporter.demo.api.Faults.NonFinite;
import io.mlflowexporter.demo.api.Faults.Quirks;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultsTest {
    private static final String SEARCH = "{\"max_results\": 1}";
    private static final String RUNS = "{\"experiment_ids\": [\"0\"]}";

    private SimulatedMlflow server;
    private Rest rest;

    @BeforeEach
    void start() throws IOException {
        server = SimulatedMlflow.empty();
        rest = new Rest(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void someRequestsFailAndThenNoMore() throws IOException, InterruptedException {
        server.faults().next("runs/search", 2, Answer.retryAfter(429, 3));
        assertThat(rest.post("experiments/search", SEARCH).status()).isEqualTo(200);
        assertThat(rest.post("runs/search", RUNS).status()).isEqualTo(429);
        assertThat(rest.post("runs/search", RUNS).status()).isEqualTo(429);
        assertThat(rest.post("runs/search", RUNS).status()).isEqualTo(200);
        assertThat(server.requests().count("runs/search")).isEqualTo(3);
        assertThat(server.requests().last("runs/search").get(0).status()).isEqualTo(429);
        assertThat(server.requests().last("runs/search").get(0).body()).isEqualTo(RUNS);
        assertThat(server.requests().last().get(0).headers()).containsEntry("content-type", "application/json");
    }

    @Test
    void theRegistryAloneIsDown() throws IOException, InterruptedException {
        server.faults().registryDown();
        assertThat(rest.get("registered-models/search").status()).isEqualTo(503);
        assertThat(rest.get("model-versions/search").status()).isEqualTo(503);
        assertThat(rest.post("runs/search", RUNS).status()).isEqualTo(200);
        server.faults().clear();
        assertThat(rest.get("registered-models/search").status()).isEqualTo(200);
    }

    @Test
    void endpointsVanishAndProxiesAnswer() throws IOException, InterruptedException {
        server.faults().drop("model-versions/search");
        assertThat(rest.get("model-versions/search").error()).isEqualTo("404 ENDPOINT_NOT_FOUND");
        server.faults().always(Answer.html(200));
        assertThat(rest.get("registered-models/search").body()).startsWith("<!doctype html>");
        server.faults().clear();
        server.faults().next(1, Answer.error(401, "UNAUTHENTICATED"));
        assertThat(rest.get("registered-models/search").status()).isEqualTo(401);
    }

    @Test
    void bodiesAreCutConnectionsBreakAndBytesDrip() throws IOException, InterruptedException {
        String whole = rest.post("experiments/search", SEARCH).body();
        server.faults().next(1, new Faults.Truncated(20));
        assertThat(rest.post("experiments/search", SEARCH).body()).isEqualTo(whole.substring(0, 20));
        server.faults().next(1, new Faults.Reset(20));
        assertThatThrownBy(() -> rest.post("experiments/search", SEARCH)).isInstanceOf(IOException.class);
        server.faults().next(1, new Faults.Slow(50, Duration.ofMillis(1)));
        assertThat(rest.post("experiments/search", SEARCH).body()).isEqualTo(whole);
    }

    @Test
    void valuesAreWrittenInUnusualForms() throws IOException, InterruptedException {
        String id = rest.post("runs/create", "{\"experiment_id\":\"0\",\"start_time\":1000}")
                .json()
                .at("/run/info/run_id")
                .asText();
        for (String value : new String[] {"NaN", "Infinity"}) {
            rest.post(
                    "runs/log-metric",
                    "{\"run_id\":\"" + id + "\",\"key\":\"" + value + "\",\"value\":\"" + value
                            + "\",\"timestamp\":5}");
        }
        JsonNode metrics = rest.post("runs/search", RUNS).json().at("/runs/0/data/metrics");
        assertThat(metrics.at("/0/value").asText()).isEqualTo("NaN");
        assertThat(metrics.at("/1/value").asDouble()).isEqualTo(Double.MAX_VALUE);

        server.faults()
                .quirks(Quirks.NONE
                        .withInt64AsText()
                        .withNonFinite(NonFinite.TEXT)
                        .withUnknownFields());
        JsonNode run = rest.post("runs/search", RUNS).json().at("/runs/0");
        assertThat(run.at("/info/start_time").isTextual()).isTrue();
        assertThat(run.at("/data/metrics/1/value").asText()).isEqualTo("Infinity");
        assertThat(run.has("field_of_the_future")).isTrue();

        server.faults().quirks(Quirks.NONE.withNonFinite(NonFinite.TOKENS).withUnknownEnums());
        assertThat(rest.post("runs/search", RUNS).body())
                .contains("\"value\": NaN", "\"value\": Infinity", "HIBERNATING");
    }

    @Test
    void pagesRepeatThemselves() throws IOException, InterruptedException {
        rest.post("experiments/create", "{\"name\":\"a\"}");
        rest.post("experiments/create", "{\"name\":\"b\"}");
        server.faults().quirks(Quirks.NONE.withDuplicateExperiments());
        Rest.Reply first = rest.post("experiments/search", "{\"max_results\":2}");
        String token = first.json().path("next_page_token").asText();
        Rest.Reply second = rest.post("experiments/search", "{\"max_results\":2,\"page_token\":\"" + token + "\"}");
        assertThat(second.texts("experiments", "/name").get(0))
                .isEqualTo(first.texts("experiments", "/name").get(1));

        server.faults().quirks(Quirks.NONE.withRepeatedPageToken());
        String looping = rest.post("experiments/search", "{\"max_results\":2}")
                .json()
                .path("next_page_token")
                .asText();
        assertThat(rest.post("experiments/search", "{\"max_results\":2,\"page_token\":\"" + looping + "\"}")
                        .json()
                        .path("next_page_token")
                        .asText())
                .isEqualTo(looping);
    }
}

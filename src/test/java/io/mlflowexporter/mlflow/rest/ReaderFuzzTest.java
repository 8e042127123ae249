package io.mlflowexporter.mlflow.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.rest.pages.Json;
import io.mlflowexporter.mlflow.rest.pages.Pages;
import io.mlflowexporter.mlflow.rest.transport.AnswerMemory;
import io.mlflowexporter.mlflow.rest.transport.BoundedInput;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import io.mlflowexporter.reload.Reloads;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The reader before answers with anything in them: nothing but its own exception comes out of it. */
final class ReaderFuzzTest {
    private static final int INPUTS = Integer.getInteger("fuzz.inputs", 100_000);
    private static final long SEED = Long.getLong("fuzz.seed", 1);

    /** What compiled code and the parser's table of names may take. */
    private static final long SLACK = 16 << 20;

    private final HttpTransport transport = transport();
    private int read;
    private int refused;

    private static HttpTransport transport() {
        try {
            Config config = ConfigLoader.load(
                            Optional.empty(), Map.of(), Map.of("mlflow.tracking_uri", "http://127.0.0.1:1"))
                    .config();
            AnswerMemory room =
                    AnswerMemory.of(config.mlflow().maxResponseSize().bytes(), 1L << 30, 1);
            return new Connections(
                            config.mlflow(),
                            Map.of(),
                            room,
                            new PrometheusRegistry(),
                            () -> Client.NOW,
                            pause -> {},
                            Reloads.uncounted())
                    .tracking();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void nothingButItsOwnExceptionEscapesAndNothingIsKept() {
        for (int i = 0; i < INPUTS / 10; i++) {
            read(i);
        }
        long before = used();
        for (int i = INPUTS / 10; i < INPUTS; i++) {
            read(i);
        }

        assertThat(used() - before).isLessThan(SLACK);
        assertThat(read).isGreaterThan(INPUTS / 4);
        assertThat(refused).isGreaterThan(INPUTS / 20);
    }

    private void read(int number) {
        String endpoint = MutatedJson.ENDPOINTS.get(number % MutatedJson.ENDPOINTS.size());
        long seed = SEED * 1_000_003 + number;
        byte[] answer = MutatedJson.of(endpoint, seed);
        List<Object> elements = new ArrayList<>();
        RunParser runs = new RunParser("", RunProjection.everything(), Client.NOW.toEpochMilli());
        Json.Reader element = switch (endpoint) {
            case "experiments/search" -> value -> elements.add(EntityParsers.experiment("", tag -> true, value));
            case "runs/search" -> value -> elements.add(runs.read(value));
            case "registered-models/search" -> value -> elements.add(EntityParsers.model("", text -> text, value));
            case "model-versions/search" -> value -> elements.add(EntityParsers.version("", text -> text, value));
            default -> value -> elements.add(RestMlflowSource.metric(value));
        };
        String array = endpoint.equals("metrics/get-history")
                ? "metrics"
                : endpoint.replaceFirst("/.*", "").replace('-', '_');
        Call call = new Call(endpoint, "/" + endpoint, Optional.empty(), "");
        try {
            Pages.read(transport, call, new BoundedInput(new ByteArrayInputStream(answer), 1 << 20), array, element);
            read++;
        } catch (MlflowException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
            refused++;
        } catch (RuntimeException e) {
            throw new AssertionError("-Dfuzz.seed=" + SEED + ", input " + number + " of " + endpoint, e);
        }
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}

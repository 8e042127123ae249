package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** Parsing a page of 1,000 runs, each with ten tags, params and metrics. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class RunParserBenchmark {
    private static final int RUNS = 1_000;
    private static final Set<String> TAGS = Set.of("estimator_class", "mlflow.parentRunId", "tag-3");

    private final JsonFactory json = new JsonFactory();
    private byte[] page = new byte[0];

    @Setup
    public void page() {
        StringBuilder text = new StringBuilder("[");
        for (int run = 0; run < RUNS; run++) {
            text.append(run == 0 ? "" : ",")
                    .append("{\"info\":{\"run_id\":\"")
                    .append(String.format("%032x", run))
                    .append("\",\"run_uuid\":\"")
                    .append(String.format("%032x", run))
                    .append("\",\"experiment_id\":\"1\",\"run_name\":\"training-" + run)
                    .append("\",\"user_id\":\"ann\",\"status\":\"FINISHED\",\"lifecycle_stage\":\"active\",")
                    .append("\"start_time\":1700000000000,\"end_time\":1700000060000,\"artifact_uri\":\"x:/1/2/3\"},")
                    .append("\"data\":{");
            list(text, "tags", "{\"key\":\"tag-%d\",\"value\":\"some value\"}");
            text.append(',');
            list(text, "params", "{\"key\":\"param-%d\",\"value\":\"0.125\"}");
            text.append(',');
            list(
                    text,
                    "metrics",
                    "{\"key\":\"metric-%d\",\"value\":0.8125,\"timestamp\":1700000050000,\"step\":\"7\"}");
            text.append("}}");
        }
        page = text.append("]").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void list(StringBuilder text, String name, String element) {
        text.append('"').append(name).append("\":[");
        for (int i = 0; i < 10; i++) {
            text.append(i == 0 ? "" : ",").append(String.format(element, i));
        }
        text.append(']');
    }

    @Benchmark
    public void page1000(Blackhole blackhole) throws IOException {
        RunParser parser = new RunParser(
                "", new RunProjection(TAGS::contains, key -> false, key -> false), System.currentTimeMillis());
        try (JsonParser tokens = json.createParser(page)) {
            tokens.nextToken();
            while (tokens.nextToken() != com.fasterxml.jackson.core.JsonToken.END_ARRAY) {
                Run run = parser.read(tokens);
                blackhole.consume(run);
            }
        }
    }
}

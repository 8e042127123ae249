package io.mlflowexporter.mlflow.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.rest.pages.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.mlflow.api.proto.Service;
import org.mlflow.api.proto.Service.SearchRuns;
import org.mlflow_project.google.protobuf.util.JsonFormat;

/** Any runs, written by mlflow-client's own protobuf mapping, are read as it reads them itself. */
class ClientReadingPropertyTest {
    private static final Set<String> INT64 = Set.of("start_time", "end_time", "timestamp", "step");
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS).build();

    private static Arbitrary<String> text() {
        // Lone surrogates cannot be sent.
        return Arbitraries.oneOf(
                        Arbitraries.strings().all().ofMaxLength(12),
                        Arbitraries.of("mlflow.runName", "mlflow.user", "\"\\\n\t", "🚲🚲", "</script>", "NaN", "0"))
                .map(s -> new String(s.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }

    private static Arbitrary<Long> int64() {
        return Arbitraries.longs().greaterOrEqual(Long.MIN_VALUE + 1);
    }

    private static Arbitrary<Service.Metric> metric() {
        Arbitrary<Double> values = Arbitraries.oneOf(
                        Arbitraries.doubles(),
                        Arbitraries.of(
                                Double.NaN,
                                Double.POSITIVE_INFINITY,
                                Double.NEGATIVE_INFINITY,
                                Double.MIN_VALUE,
                                Double.MAX_VALUE))
                // mlflow-client reads -0.0 as 0.0.
                .map(value -> value + 0.0);
        return Combinators.combine(text(), values, int64().injectNull(0.1), int64().injectNull(0.1))
                .as((key, value, timestamp, step) -> {
                    Service.Metric.Builder metric =
                            Service.Metric.newBuilder().setKey(key).setValue(value);
                    if (timestamp != null) {
                        metric.setTimestamp(timestamp);
                    }
                    if (step != null) {
                        metric.setStep(step);
                    }
                    return metric.build();
                });
    }

    private static Arbitrary<Service.RunInfo> info() {
        Arbitrary<String> optional = text().injectNull(0.2);
        return Combinators.combine(
                        text().filter(id -> !id.isEmpty()),
                        optional,
                        optional,
                        optional,
                        Arbitraries.of(Service.RunStatus.class).injectNull(0.1),
                        Arbitraries.of("active", "deleted", "frozen").injectNull(0.1),
                        int64().injectNull(0.2),
                        int64().injectNull(0.4))
                .as((id, experiment, name, user, status, stage, start, end) -> {
                    Service.RunInfo.Builder info = Service.RunInfo.newBuilder();
                    // Servers of long ago knew the second field only.
                    if (id.length() % 5 == 0) {
                        info.setRunUuid(id);
                    } else {
                        info.setRunId(id);
                    }
                    set(experiment, info::setExperimentId);
                    set(name, info::setRunName);
                    set(user, info::setUserId);
                    set(status, info::setStatus);
                    set(stage, info::setLifecycleStage);
                    set(start, info::setStartTime);
                    set(end, info::setEndTime);
                    return info.build();
                });
    }

    private static <T> void set(@org.jspecify.annotations.Nullable T value, java.util.function.Consumer<T> setter) {
        if (value != null) {
            setter.accept(value);
        }
    }

    @Provide
    Arbitrary<Service.Run> run() {
        Arbitrary<Service.RunTag> tag = Combinators.combine(text(), text().injectNull(0.1))
                .as((key, value) -> {
                    Service.RunTag.Builder pair = Service.RunTag.newBuilder().setKey(key);
                    set(value, pair::setValue);
                    return pair.build();
                });
        Arbitrary<Service.Param> param = Combinators.combine(text(), text())
                .as((key, value) ->
                        Service.Param.newBuilder().setKey(key).setValue(value).build());
        return Combinators.combine(
                        info(),
                        tag.list().ofMaxSize(4),
                        param.list().ofMaxSize(4),
                        metric().list().ofMaxSize(4))
                .as((info, tags, params, metrics) -> Service.Run.newBuilder()
                        .setInfo(info)
                        .setData(Service.RunData.newBuilder()
                                .addAllTags(tags)
                                .addAllParams(params)
                                .addAllMetrics(metrics))
                        .build());
    }

    @Property(tries = 500)
    void everyFieldIsReadAlike(@ForAll @Size(max = 4) List<Service.@From("run") Run> runs) throws IOException {
        SearchRuns.Response page =
                SearchRuns.Response.newBuilder().addAllRuns(runs).build();
        String json = JsonFormat.printer().preservingProtoFieldNames().print(page);
        SearchRuns.Response.Builder read = SearchRuns.Response.newBuilder();
        JsonFormat.parser().ignoringUnknownFields().merge(json, read);
        List<Run> expected = read.getRunsList().stream().map(ClientReading::run).toList();

        assertThat(ours(json)).isEqualTo(expected);
        assertThat(ours(JSON.writeValueAsString(numbers(JSON.readTree(json), ""))))
                .as("with 64-bit integers as numbers and bare NaN tokens")
                .isEqualTo(expected);
    }

    /** The other way to write the same. */
    private static JsonNode numbers(JsonNode node, String field) {
        if (node instanceof ObjectNode object) {
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            boolean metric = object.has("timestamp") || object.path("value").isNumber() || object.has("step");
            object.properties()
                    .forEach(entry -> copy.set(
                            entry.getKey(),
                            metric && entry.getKey().equals("value")
                                    ? DoubleNode.valueOf(
                                            entry.getValue().isNumber()
                                                    ? entry.getValue().doubleValue()
                                                    : Double.parseDouble(
                                                            entry.getValue().asText()))
                                    : numbers(entry.getValue(), entry.getKey())));
            return copy;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = JsonNodeFactory.instance.arrayNode();
            array.forEach(element -> copy.add(numbers(element, "")));
            return copy;
        }
        return INT64.contains(field) ? LongNode.valueOf(Long.parseLong(node.asText())) : node;
    }

    private static List<Run> ours(String json) throws IOException {
        RunParser runs = new RunParser("", RunProjection.everything(), ClientReading.READ_AT);
        List<Run> read = new ArrayList<>();
        try (var parser = Json.parser(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)))) {
            parser.nextToken();
            Json.object(parser, (name, value) -> Json.array(value, element -> read.add(runs.read(element))));
        }
        return read;
    }
}

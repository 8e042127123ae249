package io.mlflowexporter.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.ParamsHash;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.mlflow.api.proto.ModelRegistry;
import org.mlflow.api.proto.Service;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.Page;

/**
 * One workspace as MLflow's own Java client sees it: its protobufs, its pages by token. What this client lacks, the
 * search for registered models, is read from its raw answers as a Jackson tree.
 */
final class JavaClientReading {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SMALL_PAGE = 7;

    private final MlflowClient client;
    private final String workspace;

    JavaClientReading(MlflowClient client, String workspace) {
        this.client = client;
        this.workspace = workspace;
    }

    List<Experiment> experiments() {
        return all(client.searchExperiments("", ViewType.ALL, SMALL_PAGE, List.of()), this::experiment);
    }

    private Experiment experiment(Service.Experiment e) {
        Map<String, String> tags = new HashMap<>();
        e.getTagsList().forEach(tag -> tags.put(tag.getKey(), tag.getValue()));
        return new Experiment(
                workspace,
                e.getExperimentId(),
                e.getName(),
                stage(e.getLifecycleStage()),
                e.hasCreationTime() ? e.getCreationTime() : Times.ABSENT,
                e.hasLastUpdateTime() ? e.getLastUpdateTime() : Times.ABSENT,
                tags);
    }

    List<Run> runs(Collection<String> experimentIds) {
        return all(
                client.searchRuns(
                        List.copyOf(experimentIds), "", ViewType.ALL, SMALL_PAGE, List.of("attributes.end_time DESC")),
                this::run);
    }

    /** As docs/limits.md says: of a longer text the beginning, and a hash of the whole. */
    private static String cut(String text) {
        if (text.length() <= 1_000) {
            return text;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_16BE));
            return text.substring(0, 900) + "…" + HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Run run(Service.Run r) {
        Service.RunInfo info = r.getInfo();
        Map<String, String> tags = new HashMap<>();
        r.getData().getTagsList().forEach(tag -> tags.put(tag.getKey(), cut(tag.getValue())));
        Map<String, String> whole = new HashMap<>();
        Map<String, String> params = new HashMap<>();
        r.getData().getParamsList().forEach(param -> {
            whole.put(param.getKey(), param.getValue());
            params.put(param.getKey(), cut(param.getValue()));
        });
        Map<String, Run.Metric> metrics = new HashMap<>();
        r.getData().getMetricsList().forEach(m -> metrics.put(m.getKey(), metric(m)));
        long start = info.getStartTime();
        boolean over = RunStatus.valueOf(info.getStatus().name()).ended() && info.getEndTime() != 0;
        long now = System.currentTimeMillis();
        long latest = (over ? Math.min(info.getEndTime(), now) : now) + Times.GREATEST_SKEW_MILLIS;
        List<Long> times =
                metrics.values().stream().map(Run.Metric::timestampMillis).toList();
        return new Run(
                workspace,
                info.getRunId(),
                info.getExperimentId(),
                info.getRunName(),
                tags.getOrDefault("mlflow.user", info.getUserId()),
                RunStatus.valueOf(info.getStatus().name()),
                stage(info.getLifecycleStage()),
                info.getStartTime() == 0 ? Times.ABSENT : info.getStartTime(),
                info.getEndTime() == 0 ? Times.ABSENT : info.getEndTime(),
                times.stream()
                        .mapToLong(Long::longValue)
                        // Others are no activity of the run.
                        .filter(at -> at >= start && at <= latest)
                        .max()
                        .orElse(Times.ABSENT),
                tags,
                params,
                metrics,
                ParamsHash.of(whole),
                0,
                times.stream().anyMatch(at -> at > latest),
                start != 0 && times.stream().anyMatch(at -> at < start - Times.GREATEST_SKEW_MILLIS));
    }

    List<Run.Metric> history(String runId, String key) {
        return client.getMetricHistory(runId, key).stream()
                .map(JavaClientReading::metric)
                .toList();
    }

    private static Run.Metric metric(Service.Metric m) {
        return new Run.Metric(m.getValue(), m.hasTimestamp() ? m.getTimestamp() : Times.ABSENT, m.getStep());
    }

    List<ModelVersion> versions() {
        return all(
                client.searchModelVersions("", SMALL_PAGE, List.of("name ASC")),
                (ModelRegistry.ModelVersion v) -> new ModelVersion(
                        workspace,
                        v.getName(),
                        v.getVersion(),
                        v.getRunId(),
                        v.getCurrentStage(),
                        v.getStatus().name(),
                        v.hasCreationTimestamp() ? v.getCreationTimestamp() : Times.ABSENT,
                        v.hasLastUpdatedTimestamp() ? v.getLastUpdatedTimestamp() : Times.ABSENT));
    }

    List<RegisteredModel> models() {
        List<RegisteredModel> models = new ArrayList<>();
        String token = "";
        do {
            JsonNode page = tree(client.sendGet("registered-models/search?max_results=3&page_token="
                    + URLEncoder.encode(token, StandardCharsets.UTF_8)));
            page.path("registered_models").forEach(model -> models.add(model(model)));
            token = page.path("next_page_token").asText("");
        } while (!token.isEmpty());
        return models;
    }

    /** The same model by a call of its own, through the client's protobufs. */
    RegisteredModel model(String name) {
        ModelRegistry.RegisteredModel m = client.getRegisteredModel(name);
        Map<String, String> aliases = new HashMap<>();
        m.getAliasesList().forEach(alias -> aliases.put(alias.getAlias(), alias.getVersion()));
        return new RegisteredModel(
                workspace, m.getName(), m.getCreationTimestamp(), m.getLastUpdatedTimestamp(), aliases);
    }

    private RegisteredModel model(JsonNode node) {
        Map<String, String> aliases = new HashMap<>();
        node.path("aliases")
                .forEach(alias -> aliases.put(
                        alias.path("alias").asText(), alias.path("version").asText()));
        return new RegisteredModel(
                workspace,
                node.path("name").asText(),
                node.path("creation_timestamp").asLong(Times.ABSENT),
                node.path("last_updated_timestamp").asLong(Times.ABSENT),
                aliases);
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LifecycleStage stage(String word) {
        return LifecycleStage.valueOf(word.toUpperCase(java.util.Locale.ROOT));
    }

    /** All pages, by the server's tokens. */
    private static <P, R> List<R> all(Page<P> first, Function<P, R> read) {
        List<R> all = new ArrayList<>();
        Optional<Page<P>> page = Optional.of(first);
        while (page.isPresent()) {
            page.get().getItems().forEach(item -> all.add(read.apply(item)));
            page = page.get().hasNextPage() ? Optional.of(page.get().getNextPage()) : Optional.empty();
        }
        return all;
    }
}

package io.mlflowexporter.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mlflowexporter.audit.Mlflow.Experiment;
import io.mlflowexporter.audit.Mlflow.Model;
import io.mlflowexporter.audit.Mlflow.Run;
import io.mlflowexporter.audit.Mlflow.Version;
import io.mlflowexporter.config.Config;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.mlflow.api.proto.ModelRegistry;
import org.mlflow.api.proto.Service;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowClientException;
import org.mlflow.tracking.Page;

/** Reads a server by MLflow's own Java client: its protobufs, its pages, its way of asking. */
final class ServerReading {
    private static final int PAGE = 1000;
    private static final int EXPERIMENTS_PER_QUERY = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final MlflowClient tracking;
    private final MlflowClient registry;
    private final Config config;
    private final Phases phases;

    /**
     * Sets out to read.
     *
     * @param registry may be the same
     */
    ServerReading(MlflowClient tracking, MlflowClient registry, Config config, Phases phases) {
        this.tracking = tracking;
        this.registry = registry;
        this.config = config;
        this.phases = phases;
    }

    /**
     * Reads all that the filters select.
     *
     * @throws IOException if the server does not answer as it should, with a line for the user
     */
    Mlflow read() throws IOException {
        try {
            Map<String, Experiment> experiments = new HashMap<>();
            List<Experiment> inOrder = new ArrayList<>();
            each(tracking.searchExperiments("", ViewType.ALL, PAGE, List.of()), found -> {
                if (config.read().experiments().accepts(found.getName())) {
                    Experiment experiment = experiment(found);
                    experiments.put(experiment.id(), experiment);
                    inOrder.add(experiment);
                }
            });
            Map<String, Run> runs = new HashMap<>();
            List<String> ids = inOrder.stream().map(Experiment::id).toList();
            for (int from = 0; from < ids.size(); from += EXPERIMENTS_PER_QUERY) {
                List<String> some = ids.subList(from, Math.min(ids.size(), from + EXPERIMENTS_PER_QUERY));
                each(
                        tracking.searchRuns(some, "", ViewType.ALL, PAGE, List.of("attributes.start_time ASC")),
                        found -> run(found, experiments).ifPresent(run -> runs.put(run.id(), run)));
            }
            return new Mlflow(inOrder, List.copyOf(runs.values()), models(), versions());
        } catch (MlflowClientException e) {
            throw new IOException(
                    "cannot read MLflow: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "), e);
        }
    }

    private static Experiment experiment(Service.Experiment found) {
        return new Experiment(
                found.getExperimentId(),
                found.getName(),
                found.getLifecycleStage().equals("active"),
                found.getCreationTime(),
                found.getTagsList().stream()
                        .collect(Collectors.toMap(
                                Service.ExperimentTag::getKey, Service.ExperimentTag::getValue, (a, b) -> b)));
    }

    private Optional<Run> run(Service.Run found, Map<String, Experiment> experiments) {
        Service.RunInfo info = found.getInfo();
        Experiment experiment = experiments.get(info.getExperimentId());
        if (experiment == null) {
            return Optional.empty();
        }
        Map<String, String> tags = new HashMap<>();
        found.getData().getTagsList().forEach(tag -> tags.put(tag.getKey(), tag.getValue()));
        Map<String, String> params = new HashMap<>();
        found.getData().getParamsList().forEach(param -> params.put(param.getKey(), param.getValue()));
        TreeMap<String, Double> metrics = new TreeMap<>();
        found.getData().getMetricsList().forEach(metric -> metrics.put(metric.getKey(), metric.getValue()));
        String name = info.getRunName().isEmpty() ? tags.getOrDefault("mlflow.runName", "") : info.getRunName();
        String user = tags.getOrDefault("mlflow.user", "");
        return Optional.of(new Run(
                info.getRunId(),
                experiment,
                name,
                user.isEmpty() ? info.getUserId() : user,
                info.getStatus().name(),
                info.getLifecycleStage().equals("active"),
                info.getStartTime(),
                info.getEndTime(),
                found.getData().getMetricsList().stream()
                        .mapToLong(Service.Metric::getTimestamp)
                        .max()
                        .orElse(0),
                phases.of(name, experiment.name(), tags),
                tags,
                params,
                metrics));
    }

    /** This client has no search for models. */
    private List<Model> models() throws IOException {
        List<Model> models = new ArrayList<>();
        String token = "";
        do {
            JsonNode page = JSON.readTree(registry.sendGet("registered-models/search?max_results=1000&page_token="
                    + URLEncoder.encode(token, StandardCharsets.UTF_8)));
            for (JsonNode model : page.path("registered_models")) {
                String name = model.path("name").asText();
                if (config.read().models().accepts(name)) {
                    TreeMap<String, String> aliases = new TreeMap<>();
                    model.path("aliases")
                            .forEach(alias -> aliases.put(
                                    alias.path("alias").asText(),
                                    alias.path("version").asText()));
                    models.add(new Model(name, model.path("creation_timestamp").asLong(), aliases));
                }
            }
            token = page.path("next_page_token").asText("");
        } while (!token.isEmpty());
        return models;
    }

    private List<Version> versions() {
        List<Version> versions = new ArrayList<>();
        each(registry.searchModelVersions("", PAGE, List.of("name ASC")), (ModelRegistry.ModelVersion found) -> {
            if (config.read().models().accepts(found.getName())) {
                versions.add(new Version(
                        found.getName(),
                        found.getVersion(),
                        found.getCreationTimestamp(),
                        found.getRunId(),
                        found.getCurrentStage()));
            }
        });
        return versions;
    }

    private static <P> void each(Page<P> first, Consumer<P> sink) {
        Optional<Page<P>> page = Optional.of(first);
        while (page.isPresent()) {
            page.get().getItems().forEach(sink);
            page = page.get().hasNextPage() ? Optional.of(page.get().getNextPage()) : Optional.empty();
        }
    }
}

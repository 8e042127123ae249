package io.mlflowexporter.audit.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.audit.expected.AuditPhases;
import io.mlflowexporter.audit.server.MlflowContent.Experiment;
import io.mlflowexporter.audit.server.MlflowContent.Model;
import io.mlflowexporter.audit.server.MlflowContent.Run;
import io.mlflowexporter.audit.server.MlflowContent.Version;
import io.mlflowexporter.catalog.sync.ReadConfig;
import io.mlflowexporter.config.Config;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.mlflow.api.proto.ModelRegistry;
import org.mlflow.api.proto.Service;
import org.mlflow_project.google.protobuf.Message;
import org.mlflow_project.google.protobuf.util.JsonFormat;

/** Reads a server by the messages of MLflow's own Java client, and its way of asking. */
public final class ServerReading {
    private static final int PAGE = 1000;
    private static final int MOST_PAGES = 100_000;
    private static final String ALL = "ALL";
    private static final int EXPERIMENTS_PER_QUERY = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final AuditedServer tracking;
    private final AuditedServer registry;
    private final Config config;
    private final AuditPhases phases;

    /**
     * Sets out to read.
     *
     * @param registry may be the same
     */
    public ServerReading(AuditedServer tracking, AuditedServer registry, Config config, AuditPhases phases) {
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
    public MlflowContent read() throws IOException {
        try {
            Map<String, Experiment> experiments = new HashMap<>();
            List<Experiment> inOrder = new ArrayList<>();
            each(this::experiments, Service.SearchExperiments.Response::getNextPageToken, page -> {
                for (Service.Experiment found : page.getExperimentsList()) {
                    if (config.read().experiments().accepts(found.getName())) {
                        Experiment experiment = experiment(found);
                        experiments.put(experiment.id(), experiment);
                        inOrder.add(experiment);
                    }
                }
            });
            Map<String, Run> runs = new HashMap<>();
            List<String> ids = inOrder.stream().map(Experiment::id).toList();
            for (int from = 0; from < ids.size(); from += EXPERIMENTS_PER_QUERY) {
                List<String> some = ids.subList(from, Math.min(ids.size(), from + EXPERIMENTS_PER_QUERY));
                each(
                        token -> runs(some, token),
                        Service.SearchRuns.Response::getNextPageToken,
                        page -> page.getRunsList()
                                .forEach(found -> run(found, experiments).ifPresent(run -> runs.put(run.id(), run))));
            }
            List<Model> models = ofRegistry(this::models);
            return new MlflowContent(inOrder, List.copyOf(runs.values()), models, ofRegistry(this::versions));
        } catch (IOException e) {
            throw new IOException(
                    "cannot read MLflow: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "), e);
        }
    }

    private interface OfRegistry<T> {
        List<T> read() throws IOException;
    }

    /** None where it is not to be read, or there is none. */
    private <T> List<T> ofRegistry(OfRegistry<T> reading) throws IOException {
        if (config.read().registry() == ReadConfig.Registry.OFF) {
            return List.of();
        }
        try {
            return reading.read();
        } catch (IOException e) {
            String words = String.valueOf(e.getMessage());
            boolean none = words.contains("HTTP 404") || words.contains("functionality is unavailable");
            if (none && config.read().registry() != ReadConfig.Registry.ON) {
                return List.of();
            }
            throw e;
        }
    }

    private Service.SearchExperiments.Response experiments(String token) throws IOException {
        ObjectNode question = JSON.createObjectNode().put("max_results", PAGE).put("view_type", ALL);
        return merged(
                        tracking.ask("experiments/search", Optional.of(paged(question, token))),
                        Service.SearchExperiments.Response.newBuilder())
                .build();
    }

    private Service.SearchRuns.Response runs(List<String> experiments, String token) throws IOException {
        ObjectNode question = JSON.createObjectNode().put("max_results", PAGE).put("run_view_type", ALL);
        experiments.forEach(question.withArray("experiment_ids")::add);
        return merged(
                        tracking.ask("runs/search", Optional.of(paged(question, token))),
                        Service.SearchRuns.Response.newBuilder())
                .build();
    }

    private ModelRegistry.SearchModelVersions.Response versions(String token) throws IOException {
        return merged(
                        registry.ask(
                                "model-versions/search?max_results=" + PAGE + "&page_token="
                                        + URLEncoder.encode(token, StandardCharsets.UTF_8),
                                Optional.empty()),
                        ModelRegistry.SearchModelVersions.Response.newBuilder())
                .build();
    }

    private static String paged(ObjectNode question, String token) {
        return (token.isEmpty() ? question : question.put("page_token", token)).toString();
    }

    /** By the parser of protobuf that MLflow's client brings, as that does it. */
    private static <B extends Message.Builder> B merged(String answer, B message) throws IOException {
        JsonFormat.parser().ignoringUnknownFields().merge(answer, message);
        return message;
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
                        .map(Service.Metric::getTimestamp)
                        .toList(),
                phases.of(name, experiment.name(), tags),
                tags,
                params,
                metrics,
                Observed.Run.UNKNOWN));
    }

    /** MLflow's client has no messages for the search for models. */
    private List<Model> models() throws IOException {
        List<Model> models = new ArrayList<>();
        each(
                token -> JSON.readTree(registry.ask(
                        "registered-models/search?max_results=" + PAGE + "&page_token="
                                + URLEncoder.encode(token, StandardCharsets.UTF_8),
                        Optional.empty())),
                page -> page.path("next_page_token").asText(""),
                page -> page.path("registered_models").forEach(model -> {
                    String name = model.path("name").asText();
                    if (config.read().models().accepts(name)) {
                        TreeMap<String, String> aliases = new TreeMap<>();
                        model.path("aliases")
                                .forEach(alias -> aliases.put(
                                        alias.path("alias").asText(),
                                        alias.path("version").asText()));
                        models.add(
                                new Model(name, model.path("creation_timestamp").asLong(), aliases));
                    }
                }));
        return models;
    }

    private List<Version> versions() throws IOException {
        List<Version> versions = new ArrayList<>();
        each(this::versions, ModelRegistry.SearchModelVersions.Response::getNextPageToken, page -> {
            for (ModelRegistry.ModelVersion found : page.getModelVersionsList()) {
                if (config.read().models().accepts(found.getName())) {
                    versions.add(new Version(
                            found.getName(),
                            found.getVersion(),
                            found.getCreationTimestamp(),
                            found.getRunId(),
                            found.getCurrentStage()));
                }
            }
        });
        return versions;
    }

    private interface Pages<P> {
        P at(String token) throws IOException;
    }

    /** Reads page by page; a server that leads back to a page or never comes to an end is not read forever. */
    private static <P> void each(Pages<P> pages, Function<P, String> next, Consumer<P> sink) throws IOException {
        Set<String> seen = new HashSet<>();
        String token = "";
        do {
            if (!seen.add(token) || seen.size() > MOST_PAGES) {
                throw new IOException("the server's pages have no end");
            }
            P page = pages.at(token);
            sink.accept(page);
            token = next.apply(page);
        } while (!token.isEmpty());
    }
}

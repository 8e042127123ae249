package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.rest.auth.ServerRoute;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.rest.hosts.Host;
import io.mlflowexporter.mlflow.rest.pages.Distinct;
import io.mlflowexporter.mlflow.rest.pages.ListPager;
import io.mlflowexporter.mlflow.rest.pages.SeenTexts;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Reads registered models and their versions, as {@link io.mlflowexporter.mlflow.MlflowSource} says. */
final class RestRegistry {
    private static final int MODELS_PER_PAGE = 1_000;
    private static final int VERSIONS_PER_PAGE = 10_000;
    private static final Set<Integer> NO_REGISTRY = Set.of(400, 404);

    private final HttpTransport registry;
    private final Host host;
    private final ListPager models;
    private final ListPager versions;
    private final Optional<UnityCatalog> catalog;
    private boolean noModels;

    RestRegistry(HttpTransport registry, Host host) {
        this.registry = registry;
        this.host = host;
        this.models = ListPager.of(registry, "registered_models", MODELS_PER_PAGE);
        this.versions = ListPager.of(registry, "model_versions", VERSIONS_PER_PAGE);
        this.catalog = registry.kind() == ServerRoute.Kind.UNITY_CATALOG
                ? Optional.of(new UnityCatalog(registry))
                : Optional.empty();
    }

    void registeredModels(String workspace, Listing<RegisteredModel> sink) throws MlflowException {
        if (catalog.isPresent()) {
            catalog.get().registeredModels(workspace, sink);
            return;
        }
        SeenTexts seen = new SeenTexts();
        UnaryOperator<String> shared = sharing();
        noModels = !hasRegistry(() -> models.read(
                (most, token) -> get("registered-models/search", most, token, workspace),
                value -> EntityParsers.model(workspace, shared, value),
                new Distinct<>(sink, model -> !model.name().isEmpty() && seen.add(model.name()))));
        if (noModels) {
            throw noRegistry("registered-models/search");
        }
    }

    void modelVersions(String workspace, Listing<ModelVersion> sink) throws MlflowException {
        if (catalog.isPresent()) {
            catalog.get().modelVersions(workspace, sink);
            return;
        }
        SeenTexts seen = new SeenTexts();
        UnaryOperator<String> shared = sharing();
        boolean there = hasRegistry(() -> versions.read(
                (most, token) -> get("model-versions/search", most, token, workspace),
                value -> EntityParsers.version(workspace, shared, value),
                new Distinct<>(
                        sink,
                        version ->
                                !version.model().isEmpty() && !version.version().isEmpty() && seen.add(key(version)))));
        if (!there) {
            // One that is missing alone, or was there before, is a fault of what stands between.
            if (noModels && !host.capabilities().does(Ability.REGISTRY)) {
                host.refused(Ability.REGISTRY);
            }
            throw noRegistry("model-versions/search");
        }
    }

    /** What tells a version from all others of a workspace. */
    static String key(ModelVersion version) {
        return version.model() + '\n' + version.version();
    }

    private interface Reading {
        void run() throws MlflowException;
    }

    /** Whether the server has a registry; it is asked each time, so that one that is added is found at once. */
    private boolean hasRegistry(Reading reading) throws MlflowException {
        try {
            reading.run();
            host.accepted(List.of(Ability.REGISTRY), 0);
            return true;
        } catch (MlflowException e) {
            if (saysThereIsNoRegistry(e)) {
                return false;
            }
            throw e;
        }
    }

    /** Other servers do not know the endpoints; MLflow's file store before 2.0 has a sentence. */
    private static boolean saysThereIsNoRegistry(MlflowException e) {
        String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return e.kind() == Kind.NOT_FOUND
                || (e.kind() == Kind.REJECTED && words.contains("registry functionality is unavailable"));
    }

    private MlflowException noRegistry(String endpoint) {
        Call call = new Call(endpoint, "", Optional.empty(), "");
        return registry.problem(
                Kind.UNSUPPORTED,
                call,
                "the server has no model registry; if that is so, set read.registry to off",
                "",
                null);
    }

    private static UnaryOperator<String> sharing() {
        Map<String, String> texts = new HashMap<>();
        return text -> texts.computeIfAbsent(text, t -> t);
    }

    private Call get(String endpoint, int pageSize, String token, String workspace) {
        String query = "?max_results=" + pageSize + (token.isEmpty() ? "" : "&page_token=" + Call.encoded(token));
        Call call = new Call(endpoint, "/api/2.0/mlflow/" + endpoint + query, Optional.empty(), workspace);
        return host.didBefore(List.of(Ability.REGISTRY), 0) ? call : call.mayBeRefused(NO_REGISTRY);
    }
}

package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.rest.pages.Distinct;
import io.mlflowexporter.mlflow.rest.pages.Json;
import io.mlflowexporter.mlflow.rest.pages.ListPager;
import io.mlflowexporter.mlflow.rest.pages.Pages;
import io.mlflowexporter.mlflow.rest.pages.SeenTexts;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a registry in Databricks' Unity Catalog, which has paths of its own. Its lists tell no aliases, so each model is
 * asked for besides; versions are asked for model by model where the catalog does not list them all at once.
 */
final class UnityCatalog {
    private static final String API = "/api/2.0/mlflow/unity-catalog/";
    private static final String MODELS = "registered-models/search";
    private static final String MODEL = "registered-models/get";
    private static final String VERSIONS = "model-versions/search";
    private static final int PER_PAGE = 1_000;

    private final HttpTransport registry;
    private final ListPager models;
    private final ListPager versions;
    private boolean byModel;

    UnityCatalog(HttpTransport registry) {
        this.registry = registry;
        this.models = ListPager.of(registry, "registered_models", PER_PAGE);
        this.versions = ListPager.of(registry, "model_versions", PER_PAGE);
    }

    void registeredModels(String workspace, Listing<RegisteredModel> sink) throws MlflowException {
        for (RegisteredModel listed : listed(workspace, sink)) {
            if (sink.full()) {
                return;
            }
            withAliases(workspace, listed, sink);
        }
    }

    private List<RegisteredModel> listed(String workspace, Listing<RegisteredModel> tooLarge) throws MlflowException {
        SeenTexts seen = new SeenTexts();
        List<RegisteredModel> listed = new ArrayList<>();
        Listing<RegisteredModel> sink = new Listing<>() {
            @Override
            public void accept(RegisteredModel model) {
                listed.add(model);
            }

            @Override
            public void tooLarge(RegisteredModel model) {
                tooLarge.tooLarge(model);
            }
        };
        models.read(
                page(MODELS, workspace, ""),
                value -> EntityParsers.model(workspace, text -> text, value),
                new Distinct<>(sink, model -> !model.name().isEmpty() && seen.add(model.name())));
        return listed;
    }

    /** Passes on nothing where the model has gone since it was listed; as it was listed where it may not be read. */
    private void withAliases(String workspace, RegisteredModel listed, Listing<RegisteredModel> sink)
            throws MlflowException {
        Call call = new Call(MODEL, API + MODEL + "?name=" + Call.encoded(listed.name()), Optional.empty(), workspace)
                .mayBeRefused(Set.of(403, 404));
        List<RegisteredModel> read = new ArrayList<>();
        Json.Reader reader = value -> read.add(EntityParsers.model(workspace, text -> text, value));
        try {
            Pages.readObject(registry, call, "registered_model", reader);
        } catch (MlflowException e) {
            switch (e.kind()) {
                case MISSING -> {
                    return;
                }
                case FORBIDDEN -> {
                    // As it was listed.
                }
                case TOO_LARGE -> {
                    read.clear();
                    long most = registry.room().streamed();
                    if (Pages.streamObject(registry, call, "registered_model", reader) > most) {
                        sink.tooLarge(listed);
                        return;
                    }
                }
                default -> throw e;
            }
        }
        sink.accept(read.stream()
                .filter(model -> model.name().equals(listed.name()))
                .findFirst()
                .orElse(listed));
    }

    void modelVersions(String workspace, Listing<ModelVersion> sink) throws MlflowException {
        SeenTexts seen = new SeenTexts();
        Distinct<ModelVersion> once = new Distinct<>(
                sink,
                version -> !version.model().isEmpty()
                        && !version.version().isEmpty()
                        && seen.add(RestRegistry.key(version)));
        if (!byModel) {
            try {
                read(workspace, "", once);
                return;
            } catch (MlflowException e) {
                if (e.kind() != Kind.REJECTED) {
                    throw e;
                }
                byModel = true;
            }
        }
        // That a model is too large is told with the models.
        for (RegisteredModel model : listed(workspace, ignored -> {})) {
            if (sink.full()) {
                return;
            }
            read(workspace, "name='" + model.name().replace("'", "\\'") + "'", once);
        }
    }

    private void read(String workspace, String filter, Distinct<ModelVersion> sink) throws MlflowException {
        versions.read(
                page(VERSIONS, workspace, filter),
                value -> EntityParsers.version(workspace, text -> text, value),
                sink);
    }

    private static ListPager.CallFor page(String endpoint, String workspace, String filter) {
        return (most, token) -> {
            Call call = new Call(
                    endpoint,
                    API + endpoint + "?max_results=" + most
                            + (filter.isEmpty() ? "" : "&filter=" + Call.encoded(filter))
                            + (token.isEmpty() ? "" : "&page_token=" + Call.encoded(token)),
                    Optional.empty(),
                    workspace);
            return endpoint.equals(VERSIONS) && filter.isEmpty() ? call.mayBeRefused(Set.of(400)) : call;
        };
    }
}

package io.mlflowexporter.demo.api;

import io.mlflowexporter.demo.api.TrackingApi.Call;
import io.mlflowexporter.demo.api.TrackingApi.Handler;
import io.mlflowexporter.demo.store.ApiException;
import io.mlflowexporter.demo.store.ModelRow;
import io.mlflowexporter.demo.store.ModelRow.Version;
import io.mlflowexporter.demo.store.ModelStore;
import io.mlflowexporter.demo.store.OrderBy;
import io.mlflowexporter.demo.store.PageToken;
import io.mlflowexporter.demo.store.PageToken.Page;
import io.mlflowexporter.demo.store.SearchDialect;
import io.mlflowexporter.demo.store.SearchFilter;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Registered models, versions and aliases over REST. */
final class RegistryApi {
    private static final List<String> STAGES = List.of("None", "Staging", "Production", "Archived");

    private final ModelStore store;

    RegistryApi(ModelStore store) {
        this.store = store;
    }

    Map<String, Handler> handlers() {
        Map<String, Handler> handlers = new TreeMap<>();
        handlers.put("GET registered-models/search", this::searchModels);
        handlers.put("GET registered-models/get", call -> answer(call, model(call)));
        handlers.put("POST registered-models/create", this::createModel);
        handlers.put("POST registered-models/rename", this::renameModel);
        handlers.put("PATCH registered-models/update", this::updateModel);
        handlers.put("DELETE registered-models/delete", call -> store.delete(model(call)));
        handlers.put("POST registered-models/set-tag", this::setModelTag);
        handlers.put("DELETE registered-models/delete-tag", this::deleteModelTag);
        handlers.put("GET registered-models/alias", this::getByAlias);
        handlers.put("POST registered-models/alias", this::setAlias);
        handlers.put("DELETE registered-models/alias", this::deleteAlias);
        handlers.put("GET registered-models/get-latest-versions", this::latestVersions);
        handlers.put("POST registered-models/get-latest-versions", this::latestVersions);
        handlers.put("GET model-versions/search", this::searchVersions);
        handlers.put("GET model-versions/get", call -> answer(call, version(call)));
        handlers.put("GET model-versions/get-download-uri", this::downloadUri);
        handlers.put("POST model-versions/create", this::createVersion);
        handlers.put("PATCH model-versions/update", this::updateVersion);
        handlers.put("DELETE model-versions/delete", this::deleteVersion);
        handlers.put("POST model-versions/transition-stage", this::transition);
        handlers.put("POST model-versions/set-tag", this::setVersionTag);
        handlers.put("DELETE model-versions/delete-tag", this::deleteVersionTag);
        return handlers;
    }

    private ModelRow model(Call call) {
        return store.model(call.workspace(), call.params().required("name"));
    }

    private Version version(Call call) {
        return store.version(
                call.workspace(), call.params().required("name"), call.params().required("version"));
    }

    private static void answer(Call call, ModelRow model) throws IOException {
        call.out().object("registered_model", () -> call.render().model(model));
    }

    private static void answer(Call call, Version version) throws IOException {
        call.out().object("model_version", () -> call.render().version(version, true));
    }

    private static void answer(Call call, List<Version> versions, boolean aliases) throws IOException {
        call.out().list("model_versions", versions.isEmpty(), () -> {
            for (Version version : versions) {
                call.out().object(() -> call.render().version(version, aliases));
            }
        });
    }

    private void searchModels(Call call) throws IOException {
        Page<ModelRow> page = store.searchModels(
                call.workspace(),
                SearchFilter.parse(call.params().text("filter"), SearchDialect.MODELS),
                OrderBy.parse(call.params().texts("order_by"), SearchDialect.MODELS),
                PageToken.offset(call.params().text("page_token")),
                call.params().maxResults(100, 1000));
        call.out().list("registered_models", page.items().isEmpty(), () -> {
            for (ModelRow model : page.items()) {
                call.out().object(() -> call.render().model(model));
            }
        });
        TrackingApi.nextToken(call, page.nextToken());
    }

    private void createModel(Call call) throws IOException {
        ModelRow model = store.create(call.workspace(), call.params().required("name"), call.nowMillis());
        model.description = call.params().text("description");
        call.params().objects("tags").forEach(tag -> model.tags.put(tag.required("key"), tag.text("value")));
        answer(call, model);
    }

    private void renameModel(Call call) throws IOException {
        ModelRow model = model(call);
        store.rename(model, call.params().required("new_name"), call.nowMillis());
        answer(call, model);
    }

    private void updateModel(Call call) throws IOException {
        ModelRow model = model(call);
        model.description = call.params().text("description");
        model.lastUpdated = call.nowMillis();
        answer(call, model);
    }

    private void setModelTag(Call call) {
        model(call).tags.put(call.params().required("key"), call.params().text("value"));
    }

    private void deleteModelTag(Call call) {
        model(call).tags.remove(call.params().required("key"));
    }

    private void getByAlias(Call call) throws IOException {
        ModelRow model = model(call);
        String alias = call.params().required("alias");
        Integer number = model.aliases.get(alias);
        if (number == null) {
            throw ApiException.invalid("Registered model alias " + alias + " not found.");
        }
        answer(call, store.version(call.workspace(), model.name, number.toString()));
    }

    private void setAlias(Call call) {
        String alias = call.params().required("alias");
        if (alias.toLowerCase(Locale.ROOT).equals("latest")) {
            throw ApiException.invalid("'latest' alias name (case insensitive) is reserved.");
        }
        if (alias.matches("[vV]\\d+")) {
            throw ApiException.invalid("Version alias name '" + alias + "' is reserved.");
        }
        store.setAlias(version(call), alias);
    }

    private void deleteAlias(Call call) {
        model(call).aliases.remove(call.params().required("alias"));
    }

    private void latestVersions(Call call) throws IOException {
        List<String> stages = call.params().texts("stages");
        List<Version> latest = ModelStore.latestVersions(model(call)).stream()
                .filter(version -> stages.isEmpty() || stages.contains(version.stage))
                .sorted(Comparator.comparingInt(version -> version.number))
                .toList();
        answer(call, latest, true);
    }

    private void searchVersions(Call call) throws IOException {
        int max = call.params().maxResults(200_000, 200_000);
        if (max == 0) {
            throw ApiException.invalid("Invalid value for max_results. It must be a positive integer, but got 0");
        }
        Page<Version> page = store.searchVersions(
                call.workspace(),
                SearchFilter.parse(call.params().text("filter"), SearchDialect.VERSIONS),
                OrderBy.parse(call.params().texts("order_by"), SearchDialect.VERSIONS),
                PageToken.offset(call.params().text("page_token")),
                max);
        answer(call, page.items(), false);
        TrackingApi.nextToken(call, page.nextToken());
    }

    private void downloadUri(Call call) throws IOException {
        call.out().text("artifact_uri", version(call).source);
    }

    private void createVersion(Call call) throws IOException {
        String source = call.params().required("source");
        String runId = call.params().text("run_id");
        if (source.startsWith("/") && runId.isEmpty()) {
            throw ApiException.invalid("Invalid model version source: '" + source + "'. To use a local path as a model"
                    + " version source, the run_id request parameter has to be specified and the local path has to be"
                    + " contained within the artifact directory of the run specified by the run_id.");
        }
        Version version =
                store.createVersion(model(call), source, runId, call.params().text("run_link"), call.nowMillis());
        version.description = call.params().text("description");
        call.params().objects("tags").forEach(tag -> version.tags.put(tag.required("key"), tag.text("value")));
        answer(call, version);
    }

    private void updateVersion(Call call) throws IOException {
        Version version = version(call);
        version.description = call.params().text("description");
        version.lastUpdated = call.nowMillis();
        answer(call, version);
    }

    private void deleteVersion(Call call) {
        store.deleteVersion(version(call), call.nowMillis(), call.out().version3());
    }

    private void transition(Call call) throws IOException {
        Version version = version(call);
        String asked = call.params().required("stage");
        Optional<String> stage =
                STAGES.stream().filter(s -> s.equalsIgnoreCase(asked)).findFirst();
        if (stage.isEmpty()) {
            throw ApiException.invalid("Invalid Model Version stage: " + asked + ". Value must be one of "
                    + String.join(", ", STAGES) + ".");
        }
        if (call.params().flag("archive_existing_versions")) {
            for (Version other : version.model.versions.values()) {
                if (other != version && other.stage.equals(stage.get())) {
                    other.stage = "Archived";
                    other.lastUpdated = call.nowMillis();
                }
            }
        }
        version.stage = stage.get();
        version.lastUpdated = call.nowMillis();
        version.model.lastUpdated = call.nowMillis();
        answer(call, version);
    }

    private void setVersionTag(Call call) {
        version(call).tags.put(call.params().required("key"), call.params().text("value"));
    }

    private void deleteVersionTag(Call call) {
        version(call).tags.remove(call.params().required("key"));
    }
}

package io.mlflowexporter.demo.api;

import io.mlflowexporter.demo.api.TrackingApi.Handler;
import io.mlflowexporter.demo.store.ApiException;
import io.mlflowexporter.demo.store.ExperimentRow;
import io.mlflowexporter.demo.store.MlflowStore;
import io.mlflowexporter.demo.store.OrderBy;
import io.mlflowexporter.demo.store.PageToken;
import io.mlflowexporter.demo.store.PageToken.Page;
import io.mlflowexporter.demo.store.SearchDialect;
import io.mlflowexporter.demo.store.SearchFilter;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** The endpoints about experiments. */
final class ExperimentApi {
    private static final int MAX_EXPERIMENT_NAME = 500;

    private final MlflowStore store;

    ExperimentApi(MlflowStore store) {
        this.store = store;
    }

    Map<String, Handler> handlers() {
        Map<String, Handler> handlers = new TreeMap<>();
        handlers.put("GET experiments/search", this::searchExperiments);
        handlers.put("POST experiments/search", this::searchExperiments);
        handlers.put("GET experiments/get", this::getExperiment);
        handlers.put("GET experiments/get-by-name", this::getExperimentByName);
        handlers.put("POST experiments/create", this::createExperiment);
        handlers.put("POST experiments/update", this::updateExperiment);
        handlers.put("POST experiments/delete", this::deleteExperiment);
        handlers.put("POST experiments/restore", this::restoreExperiment);
        handlers.put("POST experiments/set-experiment-tag", this::setExperimentTag);
        return handlers;
    }

    private void searchExperiments(TrackingApi.Call call) throws IOException {
        Params params = call.params();
        long max = params.whole("max_results", 0);
        if (max < 1 || max > TrackingApi.MAX_PAGE) {
            throw ApiException.invalid("Invalid value " + max + " for parameter 'max_results' supplied. It must be "
                    + (max < 1 ? "a positive integer" : "at most " + TrackingApi.MAX_PAGE));
        }
        int offset = PageToken.offset(params.text("page_token"));
        boolean repeat = call.out().quirks().duplicateExperiments() && offset > 0;
        Page<ExperimentRow> page = store.searchExperiments(
                call.workspace(),
                TrackingApi.view(params.text("view_type")),
                SearchFilter.parse(params.text("filter"), SearchDialect.EXPERIMENTS),
                OrderBy.parse(params.texts("order_by"), SearchDialect.EXPERIMENTS),
                repeat ? offset - 1 : offset,
                (int) (repeat ? max + 1 : max));
        call.out().list("experiments", page.items().isEmpty(), () -> {
            for (ExperimentRow experiment : page.items()) {
                call.out().object(() -> call.render().experiment(experiment));
            }
        });
        TrackingApi.nextToken(call, page.nextToken());
    }

    private ExperimentRow experiment(TrackingApi.Call call) {
        return store.experiment(call.workspace(), call.params().required("experiment_id"));
    }

    private void getExperiment(TrackingApi.Call call) throws IOException {
        ExperimentRow experiment = experiment(call);
        call.out().object("experiment", () -> call.render().experiment(experiment));
    }

    private void getExperimentByName(TrackingApi.Call call) throws IOException {
        String name = call.params().required("experiment_name");
        ExperimentRow experiment = store.experimentNamed(call.workspace(), name);
        if (experiment == null) {
            throw ApiException.missing("Could not find experiment with name '" + name + "'");
        }
        call.out().object("experiment", () -> call.render().experiment(experiment));
    }

    private void createExperiment(TrackingApi.Call call) throws IOException {
        String name = TrackingApi.limited("name", call.params().required("name"), MAX_EXPERIMENT_NAME);
        ExperimentRow experiment = store.createExperiment(
                call.workspace(), name, call.params().text("artifact_location"), call.nowMillis());
        for (Params tag : call.params().objects("tags")) {
            experiment.tags.put(tag.required("key"), tag.text("value"));
        }
        call.out().text("experiment_id", Long.toString(experiment.id));
    }

    private void updateExperiment(TrackingApi.Call call) {
        ExperimentRow experiment = experiment(call);
        if (!call.params().text("new_name").isEmpty()) {
            store.renameExperiment(
                    experiment,
                    TrackingApi.limited("new_name", call.params().text("new_name"), MAX_EXPERIMENT_NAME),
                    call.nowMillis());
        }
    }

    private void deleteExperiment(TrackingApi.Call call) {
        store.deleteExperiment(experiment(call), call.nowMillis());
    }

    private void restoreExperiment(TrackingApi.Call call) {
        store.restoreExperiment(experiment(call), call.nowMillis());
    }

    private void setExperimentTag(TrackingApi.Call call) {
        ExperimentRow experiment = experiment(call);
        if (experiment.deleted) {
            throw ApiException.invalid(
                    "The experiment " + experiment.id + " must be in the 'active' state. Current state is deleted.");
        }
        experiment.tags.put(call.params().required("key"), call.params().text("value"));
    }
}

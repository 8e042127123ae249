package io.mlflowexporter.demo.api;

import io.mlflowexporter.demo.api.TrackingApi.Call;
import io.mlflowexporter.demo.api.TrackingApi.Handler;
import io.mlflowexporter.demo.traces.DemoObjects;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reading MLflow 3's other objects over REST. */
final class ObjectApi {
    private static final long DAY = 86_400_000;

    private final DemoObjects objects;
    private final boolean budgets;

    /** @param budgets whether the server's gateway has budgets */
    ObjectApi(DemoObjects objects, boolean budgets) {
        this.objects = objects;
        this.budgets = budgets;
    }

    /** Those of version 3. */
    Map<String, Handler> handlers() {
        Map<String, Handler> handlers = new TreeMap<>();
        handlers.put("POST datasets/search", this::datasets);
        handlers.put("GET scorers/list", this::scorers);
        if (budgets) {
            handlers.put("GET gateway/budgets/list", this::budgets);
            handlers.put("GET gateway/budgets/windows", this::windows);
        }
        return handlers;
    }

    /** Those that MLflow 3 added to version 2. */
    Map<String, Handler> handlersOf2() {
        return Map.of("POST logged-models/search", this::loggedModels);
    }

    private void loggedModels(Call call) throws IOException {
        List<String> asked = call.params().texts("experiment_ids");
        List<DemoObjects.Model> found = objects.models(call.workspace()).stream()
                .filter(model -> asked.contains(model.experimentId()))
                .toList();
        call.out().list("models", found.isEmpty(), () -> {
            for (DemoObjects.Model model : found) {
                call.out().object(() -> {
                    call.out().object("info", () -> {
                        call.out().text("model_id", model.id());
                        call.out().text("experiment_id", model.experimentId());
                        call.out().text("name", model.name());
                        call.out().text("status", "LOGGED_MODEL_" + model.status());
                    });
                    call.out().object("data", () -> {});
                });
            }
        });
    }

    private void datasets(Call call) throws IOException {
        List<String> names = objects.datasets(call.workspace());
        call.out().list("datasets", names.isEmpty(), () -> {
            for (String name : names) {
                call.out().object(() -> {
                    call.out().text("dataset_id", "d-" + name);
                    call.out().text("name", name);
                });
            }
        });
    }

    private void scorers(Call call) throws IOException {
        List<DemoObjects.Scorer> found = objects.scorers(call.workspace());
        call.out().list("scorers", found.isEmpty(), () -> {
            for (DemoObjects.Scorer scorer : found) {
                call.out().object(() -> {
                    call.out().int64("experiment_id", Long.parseLong(scorer.experimentId()));
                    call.out().text("scorer_name", scorer.name());
                    call.out().int64("scorer_version", 1);
                    call.out().text("serialized_scorer", "{\"name\": \"" + scorer.name() + "\"}");
                });
            }
        });
    }

    private void budgets(Call call) throws IOException {
        List<DemoObjects.Budget> found = objects.budgets(call.workspace());
        call.out().list("budget_policies", found.isEmpty(), () -> {
            for (DemoObjects.Budget budget : found) {
                call.out().object(() -> {
                    call.out().text("budget_policy_id", budget.id());
                    call.out().text("budget_unit", "USD");
                    call.out().number("budget_amount", budget.amount());
                    call.out().object("duration", () -> {
                        call.out().text("unit", "DAYS");
                        call.out().int64("value", 1);
                    });
                    call.out().text("target_scope", budget.scope());
                    call.out().textUnlessEmpty("target_value", budget.target());
                    call.out().text("budget_action", "ALERT");
                });
            }
        });
    }

    private void windows(Call call) throws IOException {
        List<DemoObjects.Budget> found = objects.budgets(call.workspace());
        long begin = Math.floorDiv(call.nowMillis(), DAY) * DAY;
        double part = (call.nowMillis() - begin) / (double) DAY;
        call.out().list("windows", found.isEmpty(), () -> {
            for (DemoObjects.Budget budget : found) {
                call.out().object(() -> {
                    call.out().text("budget_policy_id", budget.id());
                    call.out().int64("window_start_ms", begin);
                    call.out().int64("window_end_ms", begin + DAY);
                    call.out().number("current_spend", budget.perDay() * part);
                });
            }
        });
    }
}

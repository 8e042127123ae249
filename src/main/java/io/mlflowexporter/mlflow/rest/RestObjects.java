package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.ObjectSource;
import io.mlflowexporter.mlflow.objects.GatewayBudget;
import io.mlflowexporter.mlflow.objects.LoggedModels;
import io.mlflowexporter.mlflow.rest.ObjectParsers.Item;
import io.mlflowexporter.mlflow.rest.auth.ServerRoute;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.rest.hosts.Host;
import io.mlflowexporter.mlflow.rest.pages.Json;
import io.mlflowexporter.mlflow.rest.pages.ListPager;
import io.mlflowexporter.mlflow.rest.pages.SeenTexts;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Counts MLflow 3's other objects over REST. A server that refuses is taken for one without them. */
final class RestObjects implements ObjectSource {
    private static final JsonMapper JSON = new JsonMapper();
    /** Databricks gives no more logged models at once. */
    private static final int LOGGED_MODELS_PER_PAGE = 50;

    private static final int PER_PAGE = 100;
    private static final int MOST_EXPERIMENTS = 1_000;
    static final String IS_PROMPT = "mlflow.prompt.is_prompt";

    private final HttpTransport registry;
    private final Host host;
    private final ListPager prompts;
    private final ListPager promptVersions;
    private final ListPager loggedModels;
    private final ListPager datasets;
    private final ListPager scorers;
    private final ListPager budgets;
    private final ListPager windows;

    RestObjects(HttpTransport tracking, HttpTransport registry, Host host) {
        this.registry = registry;
        this.host = host;
        this.prompts = ListPager.of(registry, "registered_models", PER_PAGE);
        this.promptVersions = ListPager.of(registry, "model_versions", PER_PAGE);
        this.loggedModels = ListPager.of(tracking, "models", LOGGED_MODELS_PER_PAGE);
        this.datasets = ListPager.of(tracking, "datasets", PER_PAGE);
        this.scorers = ListPager.unlimited(tracking, "scorers");
        this.budgets = ListPager.of(tracking, "budget_policies", PER_PAGE);
        this.windows = ListPager.unlimited(tracking, "windows");
    }

    private interface Reading<T> {
        /** @param refusal statuses that are no error, as the server was not seen to do this */
        T read(Set<Integer> refusal) throws MlflowException;
    }

    /** What is read; empty where the server has no such thing. */
    private <T> Optional<T> ifAble(Ability ability, String workspace, Reading<Optional<T>> reading)
            throws MlflowException {
        if (!host.capabilities().can(ability)) {
            return Optional.empty();
        }
        boolean before = host.capabilities().does(ability);
        try {
            Optional<T> read = reading.read(before ? Set.of() : Call.OPTIONAL);
            host.accepted(List.of(ability), 0);
            return read;
        } catch (MlflowException e) {
            switch (e.kind()) {
                case MISSING, UNAUTHORIZED, FORBIDDEN -> {
                    // One workspace that is closed says nothing of the others.
                    if (workspace.isEmpty()) {
                        host.refused(ability);
                    }
                    return Optional.empty();
                }
                case NOT_FOUND, REJECTED, BAD_ANSWER -> {
                    host.refused(ability);
                    return Optional.empty();
                }
                case UNAVAILABLE, GAVE_UP, TIMEOUT -> {
                    if (before) {
                        throw e;
                    }
                    // MLflow's file store answers some of these with 500, and proxies what they do not know.
                    return Optional.empty();
                }
                default -> throw e;
            }
        }
    }

    /** Takes what is new, and one more than is counted at most. */
    private static final class Items implements ListPager.Sink<Item> {
        private final SeenTexts keys = new SeenTexts();
        private final Map<List<String>, Integer> groups = new HashMap<>();

        @Override
        public boolean take(Item item) {
            boolean fresh = !item.key().isEmpty() && !full() && keys.add(item.key());
            if (fresh) {
                groups.merge(item.group(), 1, Integer::sum);
            }
            return fresh;
        }

        @Override
        public boolean full() {
            return keys.size() > MOST;
        }
    }

    /** How many there are of each group; empty where there are too many. */
    private Optional<Map<List<String>, Integer>> count(
            ListPager pager, Set<Integer> refusal, ListPager.CallFor calls, ListPager.Element<Item> element)
            throws MlflowException {
        Items items = new Items();
        pager.read((most, token) -> calls.page(most, token).mayBeRefused(refusal), element, items);
        return items.full() ? Optional.empty() : Optional.of(items.groups);
    }

    @Override
    public Optional<Map<String, Integer>> promptVersions(String workspace) throws MlflowException {
        if (registry.kind() == ServerRoute.Kind.UNITY_CATALOG) {
            return Optional.empty();
        }
        return ifAble(Ability.PROMPTS, workspace, refusal -> {
            Map<String, Integer> versions = new HashMap<>();
            Optional<Map<List<String>, Integer>> names = count(
                    prompts,
                    refusal,
                    (most, token) -> search("registered-models/search", most, token, workspace),
                    ObjectParsers::prompt);
            if (names.isEmpty()) {
                return Optional.empty();
            }
            names.get().keySet().forEach(name -> versions.put(name.get(0), 0));
            if (versions.isEmpty()) {
                return Optional.of(versions);
            }
            Optional<Map<List<String>, Integer>> counts = count(
                    promptVersions,
                    refusal,
                    (most, token) -> search("model-versions/search", most, token, workspace),
                    ObjectParsers::prompt);
            counts.ifPresent(
                    all -> all.forEach((name, count) -> versions.computeIfPresent(name.get(0), (key, none) -> count)));
            return counts.map(all -> versions);
        });
    }

    private static Call search(String endpoint, int most, String token, String workspace) {
        String query = "?max_results=" + most + "&filter="
                + Call.encoded("tags.`" + IS_PROMPT + "` = 'true'")
                + (token.isEmpty() ? "" : "&page_token=" + Call.encoded(token));
        return new Call(endpoint, "/api/2.0/mlflow/" + endpoint + query, Optional.empty(), workspace);
    }

    @Override
    public Optional<List<LoggedModels>> loggedModels(String workspace, List<String> experimentIds)
            throws MlflowException {
        int each = Math.min(MOST_EXPERIMENTS, host.capabilities().experimentsPerQuery());
        return ifAble(Ability.LOGGED_MODELS, workspace, refusal -> {
            List<LoggedModels> all = new ArrayList<>();
            for (int i = 0; i < experimentIds.size(); i += each) {
                List<String> ids = experimentIds.subList(i, Math.min(experimentIds.size(), i + each));
                Optional<Map<List<String>, Integer>> counts = count(
                        loggedModels,
                        refusal,
                        (most, token) -> {
                            ObjectNode body = JSON.createObjectNode();
                            ids.forEach(body.putArray("experiment_ids")::add);
                            return post("logged-models/search", "2.0", body, most, token, workspace);
                        },
                        ObjectParsers::loggedModel);
                if (counts.isEmpty()) {
                    return Optional.empty();
                }
                counts.get().forEach((group, count) -> all.add(new LoggedModels(group.get(0), group.get(1), count)));
            }
            return Optional.of(all);
        });
    }

    private static Call post(
            String endpoint, String version, ObjectNode body, int most, String token, String workspace) {
        body.put("max_results", most);
        if (!token.isEmpty()) {
            body.put("page_token", token);
        }
        return new Call(endpoint, "/api/" + version + "/mlflow/" + endpoint, Optional.of(body.toString()), workspace);
    }

    @Override
    public Optional<Integer> evaluationDatasets(String workspace) throws MlflowException {
        return ifAble(
                        Ability.EVALUATION_DATASETS,
                        workspace,
                        refusal -> count(
                                datasets,
                                refusal,
                                (most, token) ->
                                        post("datasets/search", "3.0", JSON.createObjectNode(), most, token, workspace),
                                parser -> new Item(field(parser, "dataset_id"), List.of())))
                .map(counts -> counts.getOrDefault(List.<String>of(), 0));
    }

    private static String field(JsonParser parser, String wanted) throws IOException {
        String[] text = {""};
        Json.object(parser, (field, value) -> {
            if (field.equals(wanted)) {
                text[0] = Json.text(value);
            }
        });
        return text[0];
    }

    @Override
    public Optional<Map<String, Integer>> scorers(String workspace) throws MlflowException {
        return ifAble(
                        Ability.SCORERS,
                        workspace,
                        refusal -> count(
                                scorers, refusal, (most, token) -> get("scorers/list", 0, token, workspace), parser -> {
                                    String[] texts = {"", ""};
                                    Json.object(parser, (field, value) -> {
                                        if (field.equals("experiment_id")) {
                                            texts[0] = Json.text(value);
                                        } else if (field.equals("scorer_name")) {
                                            texts[1] = Json.text(value);
                                        }
                                    });
                                    return new Item(texts[0] + '\n' + texts[1], List.of(texts[0]));
                                }))
                .map(counts -> {
                    Map<String, Integer> byExperiment = new HashMap<>();
                    counts.forEach((group, count) -> byExperiment.put(group.get(0), count));
                    return byExperiment;
                });
    }

    /** @param most 0 for as many as the server gives */
    private static Call get(String endpoint, int most, String token, String workspace) {
        String query = (most == 0 ? "" : "&max_results=" + most)
                + (token.isEmpty() ? "" : "&page_token=" + Call.encoded(token));
        return new Call(
                endpoint,
                "/api/3.0/mlflow/" + endpoint + (query.isEmpty() ? "" : "?" + query.substring(1)),
                Optional.empty(),
                workspace);
    }

    @Override
    public Optional<List<GatewayBudget>> gatewayBudgets(String workspace) throws MlflowException {
        return ifAble(Ability.GATEWAY_BUDGETS, workspace, refusal -> {
            Map<String, GatewayBudget> policies = new HashMap<>();
            count(budgets, refusal, (most, token) -> get("gateway/budgets/list", most, token, workspace), parser -> {
                GatewayBudget budget = ObjectParsers.budget(parser);
                policies.putIfAbsent(budget.policy(), budget);
                return new Item(budget.policy(), List.of());
            });
            policies.remove("");
            if (policies.isEmpty()) {
                return Optional.of(List.of());
            }
            Map<String, Double> spent = new HashMap<>();
            count(windows, refusal, (most, token) -> get("gateway/budgets/windows", 0, token, workspace), parser -> {
                String[] policy = {""};
                double[] amount = {Double.NaN};
                Json.object(parser, (field, value) -> {
                    if (field.equals("budget_policy_id")) {
                        policy[0] = Json.text(value);
                    } else if (field.equals("current_spend")) {
                        amount[0] = Json.number(value).orElse(Double.NaN);
                    }
                });
                spent.put(policy[0], amount[0]);
                return new Item(policy[0], List.of());
            });
            return Optional.of(policies.values().stream()
                    .map(budget -> new GatewayBudget(
                            budget.policy(),
                            budget.scope(),
                            budget.target(),
                            budget.currency(),
                            budget.amount(),
                            spent.getOrDefault(budget.policy(), Double.NaN)))
                    .toList());
        });
    }
}

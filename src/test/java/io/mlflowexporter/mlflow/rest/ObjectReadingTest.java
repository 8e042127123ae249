package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.mlflow.ObjectSource;
import io.mlflowexporter.mlflow.objects.GatewayBudget;
import io.mlflowexporter.mlflow.objects.LoggedModels;
import io.mlflowexporter.testing.ScriptedServer;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** MLflow 3's other objects, as MLflow 3.17 answers. */
final class ObjectReadingTest {
    private final ScriptedServer server = ScriptedServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    private ObjectSource objects() throws Exception {
        return Client.of(server.uri()).source.objects().orElseThrow();
    }

    private static String tagged(String name, String more) {
        return "{\"name\":\"" + name + "\"," + more
                + "\"tags\":[{\"key\":\"mlflow.prompt.is_prompt\",\"value\":\"true\"}]}";
    }

    @Test
    void promptsAndTheirVersions() throws Exception {
        server.then(
                json("{\"registered_models\":[" + tagged("a", "") + "," + tagged("b", "")
                        + ",{\"name\":\"no prompt\"}]}"),
                json("{\"model_versions\":[" + tagged("a", "\"version\":\"1\",") + ","
                        + tagged("a", "\"version\":\"2\",") + "," + tagged("gone", "\"version\":\"1\",") + "]}"));

        assertThat(objects().promptVersions("")).contains(Map.of("a", 2, "b", 0));
        assertThat(server.requests().get(0).target())
                .contains("filter=tags.%60mlflow.prompt.is_prompt%60%20%3D%20%27true%27");
    }

    @Test
    void loggedModelsByExperimentAndStatus() throws Exception {
        server.then(
                json("{\"models\":[" + model("1", "1", "LOGGED_MODEL_READY") + ","
                        + model("2", "1", "LOGGED_MODEL_READY") + "],\"next_page_token\":\"2\"}"),
                json("{\"models\":[" + model("2", "1", "LOGGED_MODEL_READY") + ","
                        + model("3", "2", "LOGGED_MODEL_UPLOAD_FAILED") + "," + model("4", "2", "NEW") + "]}"));

        assertThat(objects().loggedModels("", List.of("1", "2")).orElseThrow())
                .containsExactlyInAnyOrder(
                        new LoggedModels("1", "ready", 2),
                        new LoggedModels("2", "upload_failed", 1),
                        new LoggedModels("2", "unknown", 1));
        assertThat(server.requests().get(0).body()).contains("\"max_results\":50");
    }

    private static String model(String id, String experiment, String status) {
        return "{\"info\":{\"model_id\":\"m-" + id + "\",\"experiment_id\":\"" + experiment + "\",\"status\":\""
                + status + "\"},\"data\":{}}";
    }

    @Test
    void datasetsAndScorers() throws Exception {
        server.then(
                json("{\"datasets\":[{\"dataset_id\":\"d-1\",\"tags\":\"{}\"},{\"dataset_id\":\"d-2\"}]}"),
                json("{}"),
                json("{\"scorers\":[{\"experiment_id\":1,\"scorer_name\":\"a\",\"scorer_version\":2,"
                        + "\"serialized_scorer\":\"{}\"},{\"experiment_id\":1,\"scorer_name\":\"b\"},"
                        + "{\"experiment_id\":7,\"scorer_name\":\"a\"}]}"));

        assertThat(objects().evaluationDatasets("")).contains(2);
        assertThat(objects().evaluationDatasets("")).contains(0);
        assertThat(objects().scorers("")).contains(Map.of("1", 2, "7", 1));
    }

    @Test
    void gatewayBudgetsWithWhatIsSpent() throws Exception {
        server.then(
                json(
                        "{\"budget_policies\":[{\"budget_policy_id\":\"bp-1\",\"budget_unit\":\"USD\",\"budget_amount\":100.0,"
                                + "\"duration\":{\"unit\":\"DAYS\",\"value\":1},\"target_scope\":\"GLOBAL\"},"
                                + "{\"budget_policy_id\":\"bp-2\",\"budget_unit\":\"USD\",\"budget_amount\":5,"
                                + "\"target_scope\":\"USER\",\"target_value\":\"ana\"}]}"),
                json("{\"windows\":[{\"current_spend\":2.5,\"budget_policy_id\":\"bp-1\",\"window_start_ms\":1}]}"));

        assertThat(objects().gatewayBudgets("").orElseThrow())
                .containsExactlyInAnyOrder(
                        new GatewayBudget("bp-1", "global", "", "USD", 100, 2.5),
                        new GatewayBudget("bp-2", "user", "ana", "USD", 5, Double.NaN));
    }

    @Test
    void aServerWithoutThemIsAskedOnce() throws Exception {
        server.otherwise(request -> status(404, "<html>"));
        ObjectSource objects = objects();

        for (int i = 0; i < 2; i++) {
            assertThat(objects.promptVersions("")).isEmpty();
            assertThat(objects.loggedModels("", List.of("1"))).isEmpty();
            assertThat(objects.evaluationDatasets("")).isEmpty();
            assertThat(objects.scorers("")).isEmpty();
            assertThat(objects.gatewayBudgets("")).isEmpty();
        }

        assertThat(server.requests()).hasSize(5);
    }

    @Test
    void whatNeverWorkedAndFailsIsNoError() throws Exception {
        Client client = Client.of(server.uri());
        server.then(status(500, "<html>"), json("{}"));
        ObjectSource objects = client.source.objects().orElseThrow();

        assertThat(objects.gatewayBudgets("")).isEmpty();
        assertThat(client.requests("gateway/budgets/list", "500")).isEmpty();
        assertThat(objects.gatewayBudgets("")).contains(List.of());
    }

    @Test
    void moreThanCanBeCountedIsNotCounted() throws Exception {
        String many = IntStream.rangeClosed(0, ObjectSource.MOST)
                .mapToObj(i -> "{\"dataset_id\":\"" + i + "\"}")
                .collect(Collectors.joining(","));
        server.then(json("{\"datasets\":[" + many + "],\"next_page_token\":\"x\"}"));

        assertThat(objects().evaluationDatasets("")).isEmpty();
    }
}

package io.mlflowexporter.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.life.SimulationOptions;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SimulatedMlflowTest {
    private static final SimulationOptions EMPTY = SimulationOptions.defaults().withRuns(0);
    private static final String SEARCH = "{\"max_results\": 100}";

    @Test
    void workspacesKeepTheirThingsApart() throws IOException, InterruptedException {
        try (SimulatedMlflow server =
                SimulatedMlflow.start(EMPTY.withWorkspaces(true).withRuns(60))) {
            Rest home = new Rest(server);
            Rest shop = new Rest(server, "X-MLFLOW-WORKSPACE", "shop");
            assertThat(home.get("/api/3.0/mlflow/workspaces").texts("workspaces", "/name"))
                    .containsExactly("default", "shop");
            assertThat(home.get("/api/3.0/mlflow/server-info")
                            .json()
                            .path("workspaces_enabled")
                            .asBoolean())
                    .isTrue();
            assertThat(home.post("experiments/search", SEARCH).texts("experiments", "/name"))
                    .contains("bikes", "Default")
                    .doesNotContain("recommendations");
            assertThat(shop.post("experiments/search", SEARCH).texts("experiments", "/name"))
                    .containsExactlyInAnyOrder("bikes", "recommendations");
            assertThat(shop.get("experiments/get?experiment_id=1").error()).isEqualTo("404 RESOURCE_DOES_NOT_EXIST");
            assertThat(shop.post("runs/search", "{\"experiment_ids\":[\"1\"]}")
                            .json()
                            .has("runs"))
                    .isFalse();
            assertThat(shop.get("registered-models/search").texts("registered_models", "/name"))
                    .doesNotContain("bikes-demand");
            assertThat(new Rest(server, "X-MLFLOW-WORKSPACE", "nope")
                            .post("experiments/search", SEARCH)
                            .error())
                    .isEqualTo("404 RESOURCE_DOES_NOT_EXIST");
        }
    }

    @Test
    void withoutWorkspacesTheirEndpointsSaySo() throws IOException, InterruptedException {
        try (SimulatedMlflow server = SimulatedMlflow.start(EMPTY)) {
            assertThat(new Rest(server).get("/api/3.0/mlflow/workspaces").status())
                    .isEqualTo(503);
            assertThat(new Rest(server, "X-MLFLOW-WORKSPACE", "shop")
                            .post("experiments/search", SEARCH)
                            .error())
                    .isEqualTo("500 FEATURE_DISABLED");
        }
    }

    @Test
    void anOldServerKnowsNoWorkspacesAndSendsLess() throws IOException, InterruptedException {
        try (SimulatedMlflow server = SimulatedMlflow.start(EMPTY.withVersion("2.22.5"))) {
            Rest rest = new Rest(server, "X-MLFLOW-WORKSPACE", "shop");
            assertThat(rest.get("/api/3.0/mlflow/workspaces").status()).isEqualTo(404);
            assertThat(rest.get("/api/3.0/mlflow/server-info").status()).isEqualTo(404);
            Rest.Reply reply = rest.post("experiments/search", SEARCH);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).doesNotContain("\"workspace\"");
        }
    }

    @Test
    void credentialsAreAskedForEverywhereButAtTheHealthCheck() throws IOException, InterruptedException {
        try (SimulatedMlflow server =
                SimulatedMlflow.start(EMPTY.withCredentials(new SimulationOptions.Bearer("s3cret")))) {
            assertThat(new Rest(server).get("registered-models/search").status())
                    .isEqualTo(401);
            assertThat(new Rest(server).get("/health").status()).isEqualTo(200);
            assertThat(new Rest(server, "Authorization", "Bearer s3cret")
                            .get("registered-models/search")
                            .status())
                    .isEqualTo(200);
        }
        try (SimulatedMlflow server =
                SimulatedMlflow.start(EMPTY.withCredentials(new SimulationOptions.Basic("ana", "pässword")))) {
            assertThat(new Rest(server, "Authorization", "Basic YW5hOnDDpHNzd29yZA==")
                            .get("registered-models/search")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aBodyThatIsTooLongIsRefused() throws IOException, InterruptedException {
        try (SimulatedMlflow server = SimulatedMlflow.start(EMPTY.withMaxRequestBytes(10))) {
            assertThat(new Rest(server).post("experiments/search", SEARCH).status())
                    .isEqualTo(413);
        }
    }

    @Test
    void strangeNamesComeBackAsTheyWent() throws IOException, InterruptedException {
        try (SimulatedMlflow server = SimulatedMlflow.start(EMPTY)) {
            Rest rest = new Rest(server);
            rest.post("experiments/create", "{\"name\":\"<b>\\\"x\\\"\\n\\u0007\\ud83d\\udeb2\"}");
            assertThat(rest.post("experiments/search", SEARCH).texts("experiments", "/name"))
                    .contains("<b>\"x\"\n\u0007🚲");
            assertThat(rest.post("experiments/create", "{\"name\":\"" + "a".repeat(501) + "\"}")
                            .error())
                    .isEqualTo("400 INVALID_PARAMETER_VALUE");
            String longName = "m".repeat(10_000);
            assertThat(rest.post("registered-models/create", "{\"name\":\"" + longName + "\"}")
                            .status())
                    .isEqualTo(200);
        }
    }
}

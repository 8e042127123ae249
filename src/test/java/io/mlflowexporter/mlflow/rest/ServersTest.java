package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.testing.ScriptedServer;
import io.mlflowexporter.testing.ScriptedServer.Answer;
import io.mlflowexporter.testing.ScriptedServer.Request;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Servers of several ages and kinds: who answers, in which workspaces, on which address. */
final class ServersTest {
    private static final String UNKNOWN = "{\"error_code\": \"ENDPOINT_NOT_FOUND\", \"message\": \"no\"}";

    private final Map<String, Answer> answers = new HashMap<>();
    private final ScriptedServer server = ScriptedServer.start().otherwise(this::answer);

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer answer(Request request) {
        return answers.getOrDefault(request.endpoint(), status(404, UNKNOWN));
    }

    @Test
    void aNewServerTellsItsVersionAndWorkspaces() throws Exception {
        answers.put("version", json("3.10.1"));
        answers.put("server-info", json("{\"workspaces_enabled\": true}"));
        Client client = Client.of(server.uri());

        assertThat(client.source.server().version()).isEqualTo("3.10.1");
        assertThat(client.source.server().workspaces()).isTrue();
        assertThat(client.source.workspaces()).containsExactly("default");
    }

    @Test
    void anOldServerTellsNothingAndThatIsNoFault() throws Exception {
        Client client = Client.of(server.uri());
        for (Answer answer : new Answer[] {
            status(404, UNKNOWN), status(403, "no"), status(200, "<html>app</html>"), status(302, ""), json("[]")
        }) {
            answers.put("version", answer);
            answers.put("server-info", answer);
            client.later(Duration.ofHours(1));

            assertThat(client.source.server().version()).isEmpty();
            assertThat(client.source.server().workspaces()).isFalse();
            assertThat(client.source.workspaces()).containsExactly("");
        }
    }

    @Test
    void anEndpointThatIsMissingIsNamed() throws Exception {
        Client client = Client.of(server.uri());

        assertThatThrownBy(() -> client.source.registeredModels("", model -> {}))
                .isInstanceOf(MlflowException.class)
                .hasMessage("cannot read registered-models/search from " + server.uri()
                        + ": the server has no model registry; if that is so, set read.registry to off");
        assertThatThrownBy(client::experiments)
                .hasMessage("cannot read experiments/search from " + server.uri()
                        + ": HTTP 404; is this the address of an MLflow server, and is it new enough? (no)");
    }

    @Test
    void theWorkspacesThatAreWantedAreRead() throws Exception {
        answers.put("server-info", json("{\"workspaces_enabled\": true}"));
        answers.put(
                "workspaces",
                json("{\"workspaces\": [{\"name\": \"team-b\"}, {\"name\": \"team-a\"}, {\"name\": \"x\"}]}"));
        answers.put("experiments/search", json("{}"));

        assertThat(workspaces("x,team-*")).containsExactly("x", "team-a", "team-b");
        assertThat(workspaces("*")).containsExactly("team-a", "team-b", "x");
        assertThat(workspaces("y")).as("found out when it is read").containsExactly("y");
        assertThatThrownBy(() -> workspaces("y*")).hasMessageContaining("no workspace matches");

        Client client = Client.of(server.uri());
        client.source.experiments("team-a", ViewType.ALL, tag -> true, e -> {});
        client.source.experiments("", ViewType.ALL, tag -> true, e -> {});
        int last = server.requests().size() - 1;
        assertThat(server.requests().get(last - 1).headers()).containsEntry("x-mlflow-workspace", "team-a");
        assertThat(server.requests().get(last).headers()).doesNotContainKey("x-mlflow-workspace");
    }

    private java.util.List<String> workspaces(String wanted) throws Exception {
        return Client.ofEnvironment(Map.of("MLFLOW_TRACKING_URI", server.uri().toString(), "MLFLOW_WORKSPACE", wanted))
                .source
                .workspaces();
    }

    @Test
    void workspacesThatAreWantedWhereThereAreNoneAreAFault() {
        assertThatThrownBy(() -> workspaces("a"))
                .hasMessageContaining("mlflow.workspaces is set, but " + server.uri() + " has no workspaces");
    }

    @Test
    void workspacesDoNotVanishForABadAnswer() throws Exception {
        answers.put("server-info", json("{\"workspaces_enabled\": true}"));
        Client client = Client.of(server.uri());
        assertThat(client.source.workspaces()).containsExactly("default");

        for (Answer answer : new Answer[] {json(""), json("<html>"), status(404, UNKNOWN), status(403, "")}) {
            answers.put("server-info", answer);
            client.later(Duration.ofHours(1));
            assertThatThrownBy(client.source::server).isInstanceOf(MlflowException.class);
            assertThat(client.source.workspaces()).containsExactly("default");
        }
        answers.put("server-info", json("{\"workspaces_enabled\": false}"));
        assertThat(client.source.server().workspaces()).isFalse();
        assertThat(client.source.workspaces()).containsExactly("");
    }

    @Test
    void whoAnswersIsAskedAtTheStartEveryHourAndAfterAnOutage() throws Exception {
        answers.put("experiments/search", json("{}"));
        Client client = Client.of(server.uri(), "retries", "0");
        for (int refresh = 0; refresh < 5; refresh++) {
            client.source.server();
            client.source.workspaces();
            client.experiments();
        }
        assertThat(probes()).isEqualTo(2);
        assertThat(client.requests("version", "404"))
                .as("an old server is no error")
                .isEmpty();
        assertThat(client.requests("server-info", "404")).isEmpty();

        client.later(Duration.ofMinutes(59));
        client.source.server();
        assertThat(probes()).isEqualTo(2);
        client.later(Duration.ofMinutes(1));
        client.source.server();
        assertThat(probes()).isEqualTo(4);

        answers.put("experiments/search", status(503, ""));
        client.failure();
        answers.put("version", json("3.12.0"));
        assertThat(client.source.server().version()).as("not while it is down").isEmpty();
        answers.put("experiments/search", json("{}"));
        client.experiments();
        assertThat(client.source.server().version()).isEqualTo("3.12.0");
        assertThat(client.requests("version", "200")).contains("1.0");
    }

    private long probes() {
        return server.requests().stream()
                .map(Request::endpoint)
                .filter(endpoint -> endpoint.equals("version") || endpoint.equals("server-info"))
                .count();
    }

    @Test
    void aServerThatFailsIsNotTakenForAnOldOneWhereWorkspacesAreWantedOrWereOn() throws Exception {
        answers.put("server-info", status(503, ""));
        assertThatThrownBy(() -> workspaces("a"))
                .isInstanceOfSatisfying(
                        MlflowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));

        answers.put("server-info", json("{\"workspaces_enabled\": true}"));
        Client client = Client.of(server.uri(), "retries", "0");
        assertThat(client.source.server().workspaces()).isTrue();
        answers.put("server-info", status(503, ""));
        client.later(Duration.ofHours(1));
        assertThatThrownBy(client.source::server).isInstanceOf(MlflowException.class);
    }

    @Test
    void anOptionalEndpointThatFailsIsAskedOnceARefreshAndHindersNothing() throws Exception {
        answers.put("version", status(501, ""));
        answers.put("server-info", status(503, ""));
        Client client = Client.of(server.uri());
        for (int refresh = 1; refresh <= 3; refresh++) {
            assertThat(client.source.server().workspaces()).isFalse();
            assertThat(client.source.workspaces()).containsExactly("");
            assertThat(probes()).isEqualTo(refresh + 1);
        }
        assertThat(client.pauses).isEmpty();
        assertThat(client.requests("version", "501")).isEmpty();
        assertThat(client.requests("server-info", "503")).isEmpty();

        answers.put("server-info", json("{\"workspaces_enabled\": true}"));
        assertThat(client.source.server().workspaces()).isTrue();
    }

    @Test
    void aSeparateRegistryIsAskedForModelsAndATrackingPrefixIsKept() throws Exception {
        try (ScriptedServer registry = ScriptedServer.start().otherwise(request -> json("{}"))) {
            server.otherwise(request -> json("{}"));
            Client client = Client.of(
                    server.uri() + "/mlflow/", "registry_uri", registry.uri().toString());
            client.experiments();
            client.source.registeredModels("", model -> {});
            client.source.modelVersions("", version -> {});
            client.source.metricHistory("", "a b", "m/é&", metric -> {});

            assertThat(server.requests())
                    .extracting(Request::target)
                    .containsExactly(
                            "/mlflow/api/2.0/mlflow/experiments/search",
                            "/mlflow/api/2.0/mlflow/metrics/get-history?run_id=a%20b&metric_key=m%2F%C3%A9%26");
            assertThat(registry.requests())
                    .extracting(Request::endpoint)
                    .containsExactly("registered-models/search", "model-versions/search");
            assertThat(client.source.server().registryUri())
                    .isEqualTo(registry.uri().toString());
        }
    }
}

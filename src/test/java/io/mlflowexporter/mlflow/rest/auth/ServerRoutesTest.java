package io.mlflowexporter.mlflow.rest.auth;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.rest.auth.RequestAuth.Outgoing;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.testing.ScriptedServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an address of a cloud's means: which server, and what is sent to it. */
final class ServerRoutesTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String WORKSPACE =
            "/subscriptions/s/resourceGroups/g/providers" + "/Microsoft.MachineLearningServices/workspaces/w";

    @TempDir
    private Path directory;

    private static ServerRoutes ways(Map<String, String> environment) throws Exception {
        MlflowConfig config = ConfigLoader.load(Optional.empty(), environment, Map.of())
                .config()
                .mlflow();
        return new ServerRoutes(config, environment, (operation, code, nanos) -> {}, () -> NOW, Reloads.uncounted());
    }

    private static List<String> headers(ServerRoute way) throws Exception {
        Outgoing request = new Outgoing("GET", URI.create(way.base() + "/version"), "", Map.of());
        return way.auth().headers(request, Duration.ofSeconds(30)).stream()
                .map(header -> header.name() + ": " + header.value())
                .toList();
    }

    @Test
    void azureMachineLearningTakesItsLibrariesVariables() throws Exception {
        try (ScriptedServer entra =
                ScriptedServer.start().otherwise(request -> json("{\"access_token\": \"entra\"}"))) {
            Map<String, String> variables = new HashMap<>(Map.of(
                    "MLFLOW_TRACKING_URI",
                    "azureml://westeurope.api.azureml.ms/mlflow/v1.0" + WORKSPACE,
                    "AZURE_AUTHORITY_HOST",
                    entra.uri() + "/",
                    "AZURE_TENANT_ID",
                    "tenant",
                    "AZURE_CLIENT_ID",
                    "client"));
            assertThatThrownBy(() -> ways(variables).tracking()).hasMessageEndingWith("AZURE_CLIENT_SECRET is not set");

            variables.put("AZURE_CLIENT_SECRET", "s");
            ServerRoute way = ways(variables).tracking();
            assertThat(way.base()).hasToString("https://westeurope.api.azureml.ms/mlflow/v2.0" + WORKSPACE);
            assertThat(way.kind()).isEqualTo(ServerRoute.Kind.AZURE_ML);
            assertThat(headers(way)).containsExactly("Authorization: Bearer entra");
            assertThat(entra.requests().get(0).target()).isEqualTo("/tenant/oauth2/v2.0/token");
            assertThat(entra.requests().get(0).body())
                    .isEqualTo("grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F.default");

            // Workload identity on Kubernetes.
            variables.remove("AZURE_CLIENT_SECRET");
            Path assertion = Files.writeString(directory.resolve("assertion"), "jwt\n");
            variables.put("AZURE_FEDERATED_TOKEN_FILE", assertion.toString());
            headers(ways(variables).tracking());
            assertThat(entra.requests().get(1).headers()).doesNotContainKey("authorization");
            assertThat(entra.requests().get(1).body())
                    .endsWith("&client_id=client&client_assertion_type="
                            + "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=jwt");

            // One's own credentials are stronger.
            variables.put("MLFLOW_TRACKING_TOKEN", "own");
            assertThat(headers(ways(variables).tracking())).containsExactly("Authorization: Bearer own");
        }
    }

    @Test
    void databricksVariablesAndProfiles() throws Exception {
        Path file = Files.writeString(directory.resolve("cfg"), """
                [DEFAULT]
                host = adb.example/
                token = from default
                [named]
                host = https://named.example
                [half]
                host = https://half.example
                client_id = x
                """);
        Map<String, String> variables =
                new HashMap<>(Map.of("MLFLOW_TRACKING_URI", "databricks", "DATABRICKS_CONFIG_FILE", file.toString()));
        ServerRoute byDefault = ways(variables).tracking();
        assertThat(byDefault.base()).hasToString("https://adb.example");
        assertThat(byDefault.kind()).isEqualTo(ServerRoute.Kind.DATABRICKS);
        assertThat(headers(byDefault)).containsExactly("Authorization: Bearer from default");

        variables.put("DATABRICKS_CONFIG_PROFILE", "named");
        assertThatThrownBy(() -> ways(variables).tracking())
                .hasMessage("cannot use Databricks: the profile named in " + file
                        + " names neither a token nor client_id and client_secret");
        variables.put("DATABRICKS_TOKEN", "from variable");
        assertThat(headers(ways(variables).tracking())).containsExactly("Authorization: Bearer from variable");

        variables.put("DATABRICKS_HOST", "https://variables.example");
        assertThat(ways(variables).tracking().base()).hasToString("https://variables.example");

        variables.put("MLFLOW_TRACKING_URI", "databricks://half");
        assertThatThrownBy(() -> ways(variables).tracking()).hasMessageContaining("names neither a token nor");
    }

    /** What is meant for one host is not shown to another, nor to whoever listens on the way. */
    @Test
    void credentialsGoToTheHostTheyAreForAndByTls() throws Exception {
        Path file = Files.writeString(directory.resolve("cfg"), "[DEFAULT]\nhost = https://one.example\ntoken = a\n");
        Map<String, String> variables =
                new HashMap<>(Map.of("MLFLOW_TRACKING_URI", "databricks", "DATABRICKS_CONFIG_FILE", file.toString()));
        ServerRoute way = ways(variables).tracking();
        Files.writeString(file, "[DEFAULT]\nhost = https://two.example\ntoken = b\n");
        assertThatThrownBy(() -> headers(way)).hasMessageContaining("now names another host; restart the exporter");

        variables.put("DATABRICKS_HOST", "http://one.example");
        variables.put("DATABRICKS_TOKEN", "a");
        assertThatThrownBy(() -> ways(variables).tracking())
                .hasMessageContaining("names no host that begins with https");
        variables.put("DATABRICKS_HOST", "https://ana@one.example:8443/path?o=1");
        assertThat(ways(variables).tracking().base()).hasToString("https://one.example:8443");

        for (String wrong : List.of("http://vpce.example", "vpce.example", "https://", "a b")) {
            assertThatThrownBy(() -> ways(Map.of(
                                    "MLFLOW_TRACKING_URI",
                                    "arn:aws:sagemaker:eu-central-1:111122223333:mlflow-tracking-server/team-a",
                                    "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT",
                                    wrong))
                            .tracking())
                    .as(wrong)
                    .hasMessage("SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT names no host that begins with https://");
        }
    }

    @Test
    void sageMakersServersAreReachedThroughTheirRegions() throws Exception {
        String server = "arn:aws:sagemaker:eu-central-1:111122223333:mlflow-tracking-server/team-a";
        ServerRoute way = ways(Map.of("MLFLOW_TRACKING_URI", server)).tracking();
        assertThat(way.base()).hasToString("https://eu-central-1.experiments.sagemaker.aws");
        assertThat(way.kind()).isEqualTo(ServerRoute.Kind.SAGEMAKER);
        assertThat(ways(Map.of("MLFLOW_TRACKING_URI", "arn:aws:sagemaker:us-east-2:111122223333:mlflow-app/a"))
                        .tracking()
                        .base())
                .hasToString("https://mlflow.sagemaker.us-east-2.app.aws");
        assertThat(ways(Map.of(
                                "MLFLOW_TRACKING_URI",
                                server,
                                "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT",
                                "https://vpce.example/"))
                        .tracking()
                        .base())
                .hasToString("https://vpce.example");
    }
}

package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.testing.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything goes through the proxy, or past it, as the settings say; what the proxy refuses is told. */
final class ProxyTest {
    private static final String BASIC =
            "Basic " + Base64.getEncoder().encodeToString("pia:p@ss".getBytes(StandardCharsets.UTF_8));

    private final ScriptedServer proxy = ScriptedServer.start()
            .otherwise(request -> json(
                    request.target().contains("/token")
                            ? "{\"access_token\": \"through\", \"expires_in\": 60}"
                            : "{}"));

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        proxy.close();
    }

    private String address() {
        return "http://pia:p%40ss@127.0.0.1:" + proxy.port();
    }

    @Test
    void mlflowAndTheTokenEndpointAreAskedThroughIt() throws Exception {
        Path file = Files.writeString(directory.resolve("exporter.yaml"), """
                mlflow:
                  tracking_uri: http://mlflow.example/x
                  proxy_url: %s
                  no_proxy: other.example
                  auth:
                    oauth2: {client_id: me, client_secret: s, token_url: "http://idp.example/token"}
                """.formatted(address()));
        Client client = Client.ofFile(file, Map.of());
        client.experiments();

        assertThat(proxy.requests())
                .extracting(request -> request.method() + " " + request.target())
                .containsExactly(
                        "POST http://idp.example/token",
                        "POST http://mlflow.example/x/api/2.0/mlflow/experiments/search");
        assertThat(proxy.requests())
                .allSatisfy(request -> assertThat(request.headers()).containsEntry("proxy-authorization", BASIC));
    }

    @Test
    void theEnvironmentNamesItWhereThatIsAskedFor() throws Exception {
        Map<String, String> variables = Map.of(
                "http_proxy",
                "127.0.0.1:" + proxy.port(),
                "NO_PROXY",
                "example.org",
                "MLFLOW_TRACKING_URI",
                "http://mlflow.example",
                "MLFLOW_EXPORTER_MLFLOW_PROXY_FROM_ENVIRONMENT",
                "true");
        Client.ofEnvironment(variables).experiments();
        assertThat(proxy.requests()).hasSize(1);
        assertThat(proxy.requests().get(0).headers()).doesNotContainKey("proxy-authorization");

        assertThatThrownBy(() -> Client.ofEnvironment(Map.of(
                        "HTTPS_PROXY", "socks5://pia:hunter2@x", "MLFLOW_EXPORTER_MLFLOW_PROXY_FROM_ENVIRONMENT", "1")))
                .hasMessage("the environment variable HTTPS_PROXY is not the address of a proxy; allowed:"
                        + " http://HOST:PORT");
    }

    @Test
    void whatItLeavesOutIsAskedDirectly() throws Exception {
        try (ScriptedServer mlflow = ScriptedServer.start().otherwise(request -> json("{}"))) {
            Client.of(mlflow.uri(), "proxy_url", address(), "no_proxy", "example.org, 127.0.0.0/8")
                    .experiments();
            assertThat(proxy.requests()).isEmpty();
            assertThat(mlflow.requests().get(0).headers()).doesNotContainKey("proxy-authorization");

            Client.ofEnvironment(Map.of(
                            "HTTP_PROXY",
                            address(),
                            "MLFLOW_TRACKING_URI",
                            mlflow.uri().toString(),
                            "MLFLOW_EXPORTER_MLFLOW_PROXY_FROM_ENVIRONMENT",
                            "true"))
                    .experiments();
            assertThat(proxy.requests()).as("loopback, by the environment").isEmpty();

            Client.of(mlflow.uri(), "proxy_url", address()).experiments();
            assertThat(proxy.requests()).as("loopback, by the setting").hasSize(1);
        }
    }

    @Test
    void whatTheProxyRefusesIsTold() throws Exception {
        proxy.otherwise(request -> status(403, "not allowed"));
        Client refused = Client.of("https://mlflow.example", "proxy_url", address(), "retries", "0");
        assertThat(refused.failure().kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(refused.failure())
                .hasMessageEndingWith("the proxy 127.0.0.1:" + proxy.port()
                        + " refuses the connection with HTTP 403; let it connect there, or put the host into"
                        + " mlflow.no_proxy");
        assertThat(proxy.requests()).first().satisfies(request -> {
            assertThat(request.method()).isEqualTo("CONNECT");
            assertThat(request.target()).isEqualTo("mlflow.example:443");
        });

        proxy.otherwise(request -> status(407, "who?", "Proxy-Authenticate: Basic realm=\"p\""));
        for (String scheme : new String[] {"http", "https"}) {
            Client unknown = Client.of(scheme + "://mlflow.example", "proxy_url", address(), "retries", "0");
            assertThat(unknown.failure())
                    .hasMessageEndingWith(
                            "the proxy wants other credentials; put user and password into mlflow.proxy_url");
        }

        Path file = Files.writeString(directory.resolve("exporter.yaml"), """
                mlflow:
                  tracking_uri: http://mlflow.example
                  proxy_url: %s
                  retries: 0
                  auth:
                    oauth2: {client_id: me, client_secret: s, token_url: "https://idp.example/token"}
                """.formatted(address()));
        assertThat(Client.ofFile(file, Map.of()).failure())
                .hasMessage("cannot get an OAuth2 token from https://idp.example/token: the proxy wants other"
                        + " credentials; put user and password into mlflow.proxy_url");
        proxy.otherwise(request -> status(502, ""));
        assertThat(Client.ofFile(file, Map.of()).failure())
                .hasMessageContaining("idp.example/token: the proxy 127.0.0.1:" + proxy.port()
                        + " refuses the connection with HTTP 502");

        int port = proxy.port();
        proxy.close();
        Client away = Client.of("https://mlflow.example", "proxy_url", "http://127.0.0.1:" + port, "retries", "0");
        assertThat(away.failure())
                .hasMessageEndingWith("nothing answers at the proxy 127.0.0.1:" + port + "; check mlflow.proxy_url");
        assertThat(away.requests("experiments/search", "unreachable")).contains("1.0");
    }
}

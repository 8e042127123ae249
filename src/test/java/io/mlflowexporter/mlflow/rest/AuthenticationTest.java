package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.testing.ScriptedServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where credentials come from, and that they go to the server and nowhere else. */
final class AuthenticationTest {
    private static final String SECRET = "s3cr3t-Wört";

    private final ScriptedServer server = ScriptedServer.start().otherwise(request -> json("{}"));

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        server.close();
    }

    private String sent(Client client) throws MlflowException {
        client.experiments();
        List<ScriptedServer.Request> requests = server.requests();
        return requests.get(requests.size() - 1).headers().getOrDefault("authorization", "none");
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void nothingIsSentWhereNothingIsSet() throws Exception {
        assertThat(sent(Client.of(server.uri()))).isEqualTo("none");
    }

    @Test
    void basicAndBearerFromTheConfiguration() throws Exception {
        assertThat(sent(Client.of(server.uri(), "auth.username", "ana", "auth.password", SECRET)))
                .isEqualTo(basic("ana:" + SECRET));
        assertThat(sent(Client.of(server.uri(), "auth.token", "t0ken"))).isEqualTo("Bearer t0ken");
    }

    @Test
    void userAndPasswordInTheAddress() throws Exception {
        String address = "http://an%40a:p%3Aw%25+x@127.0.0.1:" + server.port();
        Client client = Client.of(address);

        assertThat(sent(client)).isEqualTo(basic("an@a:p:w%+x"));
        assertThat(client.source.server().trackingUri()).isEqualTo(server.uri().toString());
    }

    @Test
    void mlflowsOwnVariables() throws Exception {
        String uri = server.uri().toString();
        assertThat(sent(Client.ofEnvironment(Map.of(
                        "MLFLOW_TRACKING_URI",
                        uri,
                        "MLFLOW_TRACKING_USERNAME",
                        "ana",
                        "MLFLOW_TRACKING_PASSWORD",
                        SECRET))))
                .isEqualTo(basic("ana:" + SECRET));
        assertThat(sent(Client.ofEnvironment(Map.of("MLFLOW_TRACKING_URI", uri, "MLFLOW_TRACKING_TOKEN", "t"))))
                .isEqualTo("Bearer t");
    }

    @Test
    void filesAreReadAgainWhenTheyChange() throws Exception {
        Path password = Files.writeString(directory.resolve("password"), "first\n");
        Path token = Files.writeString(directory.resolve("token"), "one\n");
        Client basic = Client.of(server.uri(), "auth.username", "ana", "auth.password_file", password.toString());
        Client bearer = Client.of(server.uri(), "auth.token_file", token.toString());
        assertThat(sent(basic)).isEqualTo(basic("ana:first"));
        assertThat(sent(bearer)).isEqualTo("Bearer one");

        Files.writeString(password, "second");
        Files.writeString(token, "two");

        assertThat(sent(basic)).isEqualTo(basic("ana:second"));
        assertThat(sent(bearer)).isEqualTo("Bearer two");
    }

    @Test
    void afileThatGoesIsToldByItsName() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), SECRET);
        Client client = Client.of(server.uri(), "auth.token_file", token.toString());
        Files.delete(token);

        assertThat(client.failure().kind()).isEqualTo(Kind.UNAUTHORIZED);
        assertThat(client.failure()).hasMessageContaining("cannot read the token from " + token);
    }

    @Test
    void aDatabricksProfileIsReadAgainWhenItChanges() throws Exception {
        String home = System.getProperty("user.home");
        System.setProperty("user.home", directory.toString());
        try {
            Path file = directory.resolve(".databrickscfg");
            Files.writeString(
                    file,
                    "[DEFAULT]\nhost = " + server.uri() + "\ntoken = one\n"
                            + "[team]\nhost = " + server.uri() + "/\nusername = ana\npassword = pw\n"
                            + "[empty]\ntoken = x\n");
            Client byDefault = Client.of("databricks");
            assertThat(sent(byDefault)).isEqualTo("Bearer one");
            assertThat(sent(Client.of("databricks://team"))).isEqualTo(basic("ana:pw"));
            assertThatThrownBy(() -> Client.of("databricks://nobody"))
                    .isInstanceOf(MlflowException.class)
                    .hasMessageContaining("cannot use the Databricks profile nobody: there is none in");
            assertThatThrownBy(() -> Client.of("databricks://empty"))
                    .hasMessageContaining("the profile empty in " + file + " names no host");

            Files.writeString(file, "[DEFAULT]\nhost = " + server.uri() + "\ntoken = two\n");
            assertThat(sent(byDefault)).isEqualTo("Bearer two");

            Files.delete(file);
            assertThat(byDefault.failure().kind()).isEqualTo(Kind.UNAUTHORIZED);
            assertThatThrownBy(() -> Client.of("databricks")).hasMessageContaining(".databrickscfg");
        } finally {
            System.setProperty("user.home", home);
        }
    }

    @Test
    void headersAreSentWithEachRequestBesideOtherCredentials() throws Exception {
        Files.writeString(directory.resolve("id"), " file one \n");
        Path config = Files.writeString(directory.resolve("exporter.yaml"), """
                mlflow:
                  tracking_uri: %s
                  auth:
                    token: t
                    http_headers:
                      CF-Access-Client-Id: {files: [id]}
                      CF-Access-Client-Secret: {secrets: [s3cr3t]}
                      X-Scope: {values: [a]}
                """.formatted(server.uri()));
        Client client = Client.ofFile(config, Map.of());

        assertThat(sent(client)).isEqualTo("Bearer t");
        assertThat(server.requests().get(0).headers())
                .containsEntry("cf-access-client-id", "file one")
                .containsEntry("cf-access-client-secret", "s3cr3t")
                .containsEntry("x-scope", "a");

        Files.writeString(directory.resolve("id"), "file two");
        client.experiments();
        assertThat(server.requests().get(1).headers()).containsEntry("cf-access-client-id", "file two");

        Files.writeString(directory.resolve("id"), "s3cr3t\nX-Smuggled: 1");
        assertThat(client.failure())
                .hasMessage("cannot send the header CF-Access-Client-Id from " + directory.resolve("id")
                        + ": the file has more than one line; write the value alone into it, on one line");
        Files.delete(directory.resolve("id"));
        assertThat(client.failure())
                .hasMessageStartingWith("cannot read the header CF-Access-Client-Id from " + directory.resolve("id"));
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void whatIsAskedIsEncodedAsSignaturesNeedIt() throws Exception {
        Client.of(server.uri()).source.metricHistory("", "r", "a b*~+/ü", value -> {});

        assertThat(server.requests().get(0).target()).contains("&metric_key=a%20b%2A~%2B%2F%C3%BC");
    }

    @Test
    void theRegistryHasItsOwnCredentialsOrTheTrackingServers() throws Exception {
        String registry = "http://127.0.0.1:" + server.port() + "/registry";
        assertThat(registryHeader("registry_uri", registry, "auth.token", "t")).isEqualTo("Bearer t");
        assertThat(registryHeader("registry_uri", registry, "auth.token", "t", "registry_auth.token", "r"))
                .isEqualTo("Bearer r");
        assertThat(registryHeader("registry_uri", registry.replace("//", "//rita:own@"), "auth.token", "t"))
                .isEqualTo(basic("rita:own"));
    }

    private String registryHeader(String... settings) throws Exception {
        Client client = Client.of(server.uri(), settings);
        client.source.registeredModels("", model -> {});
        List<ScriptedServer.Request> requests = server.requests();
        ScriptedServer.Request last = requests.get(requests.size() - 1);
        assertThat(last.target()).startsWith("/registry/api/2.0/mlflow/registered-models/search");
        return last.headers().get("authorization");
    }

    @Test
    void noSecretIsInAFailureOrItsCauses() throws Exception {
        server.otherwise(request -> status(401, "{\"message\": \"who are you?\"}"));
        Path token = Files.writeString(directory.resolve("token"), SECRET + "\nsecond line");
        String inAddress = "http://ana:" + "s3cr3t-W%C3%B6rt@127.0.0.1:" + server.port();
        for (Client client : List.of(
                Client.of(server.uri(), "auth.token_file", token.toString()),
                Client.of(inAddress),
                Client.of(server.uri(), "auth.username", "ana", "auth.password", SECRET))) {
            MlflowException failure = client.failure();
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));

            assertThat(failure.kind()).isEqualTo(Kind.UNAUTHORIZED);
            assertThat(trace.toString())
                    .doesNotContain(
                            "s3cr3t", Base64.getEncoder().encodeToString("ana:".getBytes(StandardCharsets.UTF_8)));
        }
    }
}

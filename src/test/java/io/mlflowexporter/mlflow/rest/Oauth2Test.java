package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.testing.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens are fetched, kept, renewed and fetched again; what goes wrong is told once and loses nothing. */
final class Oauth2Test {
    private static final String SECRET = "s3cr3t/+ü";

    private final ScriptedServer mlflow = ScriptedServer.start().otherwise(request -> json("{}"));
    private final ScriptedServer issuer = ScriptedServer.start();

    private final CountDownLatch over = new CountDownLatch(1);

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        over.countDown();
        mlflow.close();
        issuer.close();
    }

    private Client client(String more) throws Exception {
        Path file = Files.writeString(
                directory.resolve("exporter.yaml"), """
                mlflow:
                  tracking_uri: %s
                  retries: 1
                  read_timeout: 2s
                  auth:
                    oauth2:
                      client_id: my id
                      client_secret: %s
                      token_url: %s/oauth/token/
                """.formatted(mlflow.uri(), SECRET, issuer.uri()) + more.indent(6));
        return Client.ofFile(file, Map.of());
    }

    private static String token(String token, String more) {
        return "{\"access_token\": \"" + token + "\", \"token_type\": \"bearer\"" + more + "}";
    }

    private List<String> sent() {
        List<String> sent = new ArrayList<>();
        mlflow.requests().forEach(request -> sent.add(request.headers().getOrDefault("authorization", "none")));
        return sent;
    }

    @Test
    void oneTokenServesUntilShortlyBeforeItsEnd() throws Exception {
        issuer.then(json(token("one", ", \"expires_in\": 3600")), json(token("two", ", \"expires_in\": \"3600\"")));
        Client client = client("scopes: [read, write]\nendpoint_params: {audience: \"https://mlflow?\"}");

        client.experiments();
        client.clock.set(Client.NOW.plus(Duration.ofMinutes(58)));
        client.experiments();
        client.clock.set(Client.NOW.plus(Duration.ofMinutes(59)));
        client.experiments();

        assertThat(sent()).containsExactly("Bearer one", "Bearer one", "Bearer two");
        assertThat(issuer.requests()).hasSize(2).first().satisfies(request -> {
            assertThat(request.method() + " " + request.target()).isEqualTo("POST /oauth/token/");
            assertThat(request.body())
                    .isEqualTo("grant_type=client_credentials&scope=read+write&audience=https%3A%2F%2Fmlflow%3F");
            assertThat(request.headers().get("authorization"))
                    .isEqualTo("Basic "
                            + Base64.getEncoder()
                                    .encodeToString("my+id:s3cr3t%2F%2B%C3%BC".getBytes(StandardCharsets.UTF_8)));
        });
        assertThat(client.requests("oauth2/token", "200")).contains("2.0");
    }

    @Test
    void anEndpointThatKnowsTheFormOnlyIsFoundOut() throws Exception {
        issuer.then(
                status(401, "{\"error\": \"invalid_client\"}"),
                json(token("one", ", \"expires_in\": 100")),
                json(token("two", ", \"expires_in\": 100")));
        Client client = client("");

        client.experiments();
        client.clock.set(Client.NOW.plusSeconds(95));
        client.experiments();

        assertThat(sent()).containsExactly("Bearer one", "Bearer two");
        assertThat(issuer.requests()).hasSize(3);
        assertThat(issuer.requests().get(2).body())
                .isEqualTo("grant_type=client_credentials&client_id=my+id&client_secret=s3cr3t%2F%2B%C3%BC");
        assertThat(issuer.requests().get(2).headers()).doesNotContainKey("authorization");
    }

    /** The server ends a token in the middle of a reading: the request is sent again with a new one. */
    @Test
    void aTokenThatIsRefusedIsFetchedAgainAndNothingIsLost() throws Exception {
        issuer.then(json(token("one", "")), json(token("two", "")), json(token("three", "")));
        Client client = client("");
        client.experiments();
        mlflow.then(status(401, "expired"));
        client.clock.set(Client.NOW.plus(Duration.ofDays(30)));

        assertThat(client.experiments()).isEmpty();
        assertThat(sent()).containsExactly("Bearer one", "Bearer one", "Bearer two");

        // Some proxies send a browser's login page instead.
        mlflow.then(status(302, "", "Location: https://login.example"));
        client.clock.set(Client.NOW.plus(Duration.ofDays(31)));
        assertThat(client.experiments()).isEmpty();
        assertThat(sent()).endsWith("Bearer three");

        // One that was just fetched is refused for another reason.
        mlflow.then(status(403, "no rights"));
        assertThat(client.failure().kind()).isEqualTo(Kind.FORBIDDEN);
        assertThat(issuer.requests()).hasSize(3);
    }

    /** Both requests are sent with the old token before either is refused. */
    @Test
    void aTokenThatIsRefusedOnTwoThreadsIsFetchedOnce() throws Exception {
        issuer.then(json(token("one", "")), json(token("two", "")), json(token("three", "")));
        Client client = client("");
        client.experiments();
        CyclicBarrier both = new CyclicBarrier(2);
        mlflow.otherwise(request -> {
            if (!request.headers().get("authorization").equals("Bearer one")) {
                return json("{}");
            }
            try {
                both.await(10, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return status(401, "expired");
        });
        client.clock.set(Client.NOW.plus(Duration.ofHours(1)));
        CompletableFuture<List<Experiment>> other = CompletableFuture.supplyAsync(() -> {
            try {
                return client.experiments();
            } catch (MlflowException e) {
                throw new IllegalStateException(e);
            }
        });

        assertThat(client.experiments()).isEmpty();
        assertThat(other.get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(issuer.requests()).hasSize(2);
    }

    @Test
    void aTokenThatIsRefusedForAnotherReasonIsKeptWhereNoNewerCanBeHad() throws Exception {
        issuer.then(json(token("one", "")));
        issuer.otherwise(request -> status(503, ""));
        Client client = client("");
        client.experiments();
        client.clock.set(Client.NOW.plus(Duration.ofHours(1)));
        mlflow.then(status(403, "no rights"), status(403, "no rights"));
        assertThat(client.failure()).hasMessageContaining("no rights");
        assertThat(client.experiments()).isEmpty();
        assertThat(sent()).containsOnly("Bearer one");
    }

    @Test
    void aClockSetBackDoesNotMakeATokenLastLonger() throws Exception {
        issuer.then(json(token("one", ", \"expires_in\": 600")), json(token("two", ", \"expires_in\": 600")));
        Client client = client("");
        client.experiments();
        client.clock.set(Client.NOW.minus(Duration.ofHours(5)));
        client.experiments();
        assertThat(sent()).containsExactly("Bearer one", "Bearer two");
    }

    @Test
    void anEndpointThatIsAwayDoesNotEndAGoodToken() throws Exception {
        issuer.then(json(token("one", ", \"expires_in\": 600")));
        issuer.otherwise(request -> status(503, "down for maintenance"));
        Client client = client("");
        client.experiments();

        client.clock.set(Client.NOW.plusSeconds(590));
        client.experiments();
        client.experiments();
        assertThat(sent()).containsOnly("Bearer one").hasSize(3);
        assertThat(client.requests("oauth2/token", "503")).contains("1.0");

        client.clock.set(Client.NOW.plusSeconds(601));
        MlflowException failure = client.failure();
        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure)
                .hasMessage("cannot get an OAuth2 token from " + issuer.uri()
                        + "/oauth/token/: HTTP 503 (down for maintenance)");
        assertThat(client.pauses).as("tried again").hasSize(1);
    }

    @Test
    void whatIsWrongWithTheEndpointIsToldInItsWords() throws Exception {
        told(
                status(401, "{\"error\": \"invalid_client\", \"error_description\": \"Unknown\\nclient\"}"),
                Kind.UNAUTHORIZED,
                ": HTTP 401; check client_id, client_secret, scopes and endpoint_params (invalid_client Unknown client)");
        told(
                status(400, "{\"error\": \"invalid_scope\"}"),
                Kind.UNAUTHORIZED,
                ": HTTP 400; check client_id, client_secret, scopes and endpoint_params (invalid_scope)");
        told(
                status(200, "<html>sign in</html>"),
                Kind.BAD_ANSWER,
                ": the answer has no access_token; is token_url the address that issues tokens?"
                        + " (an HTML page; is it a login page?)");
        told(status(302, "", "Location: /login"), Kind.BAD_ANSWER, ": HTTP 302 instead of a token; check token_url");
        told(json("{\"access_token\": 7.5e3, \"expires_in\": \"soon\"}"), null, "");
        told(json(token("a\\nb", "")), Kind.BAD_ANSWER, ": the access_token has characters that no header can carry");
        told(
                status(200, "x".repeat(300_000)),
                Kind.UNREACHABLE,
                ": the connection broke (TooLongException: its answer is longer than 262144 bytes)");
        told(
                out -> {
                    throw new ScriptedServer.Reset();
                },
                Kind.UNREACHABLE,
                ": the connection broke");
    }

    private void told(ScriptedServer.Answer answer, Kind kind, String words) throws Exception {
        issuer.otherwise(request -> answer);
        Client client = client("");
        if (kind == null) {
            assertThat(client.experiments()).isEmpty();
            return;
        }
        MlflowException failure = client.failure();
        assertThat(failure.kind()).as(words).isEqualTo(kind);
        assertThat(failure.getMessage())
                .startsWith("cannot get an OAuth2 token from " + issuer.uri() + "/oauth/token/" + words)
                .doesNotContain(SECRET);
    }

    @Test
    void aSlowOrAbsentEndpointIsTold() throws Exception {
        Client slow = client("");
        issuer.otherwise(request -> out -> {
            out.write(ScriptedServer.head(200, 100));
            out.flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(slow.failure()).hasMessageContaining("no whole answer within 2.0 s; is it overloaded?");
        assertThat(slow.requests("oauth2/token", "timeout")).contains("2.0");

        // A port that nothing is given for an outgoing connection, so that none can reach itself.
        Path file = Files.writeString(directory.resolve("absent.yaml"), """
                mlflow:
                  tracking_uri: %s
                  retries: 1
                  auth: {oauth2: {client_id: me, client_secret: s, token_url: "http://127.0.0.1:1/token"}}
                """.formatted(mlflow.uri()));
        Client absent = Client.ofFile(file, Map.of());
        assertThat(absent.failure()).hasMessageContaining("nothing answers there; check token_url");
        assertThat(absent.requests("oauth2/token", "unreachable")).contains("2.0");
    }

    @Test
    void theSecretOfAFileIsReadForEachToken() throws Exception {
        issuer.then(json(token("one", ", \"expires_in\": 60")), json(token("two", ", \"expires_in\": 60")));
        Path secret = Files.writeString(directory.resolve("secret"), "first\n");
        Path file = Files.writeString(directory.resolve("exporter.yaml"), """
                mlflow:
                  tracking_uri: %s
                  auth:
                    http_headers: {X-Team: {values: [ml]}}
                    oauth2: {client_id: me, client_secret_file: secret, token_url: "%s"}
                """.formatted(mlflow.uri(), issuer.uri()));
        Client client = Client.ofFile(file, Map.of());
        client.experiments();
        Files.writeString(secret, "second\n");
        client.clock.set(Client.NOW.plusSeconds(61));
        client.experiments();

        assertThat(issuer.requests())
                .extracting(request -> new String(
                        Base64.getDecoder()
                                .decode(request.headers().get("authorization").substring(6)),
                        StandardCharsets.UTF_8))
                .containsExactly("me:first", "me:second");
        assertThat(mlflow.requests())
                .allSatisfy(request -> assertThat(request.headers()).containsEntry("x-team", "ml"));
        assertThat(issuer.requests())
                .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("x-team"));

        Files.delete(secret);
        client.clock.set(Client.NOW.plusSeconds(200));
        assertThat(client.failure()).hasMessageStartingWith("cannot read the client secret from " + secret);
    }

    @Test
    void databricksGivesTokensToMachines() throws Exception {
        mlflow.otherwise(request ->
                request.target().startsWith("/oidc") ? json(token("m2m", ", \"expires_in\": 3600")) : json("{}"));
        Map<String, String> variables = Map.of(
                "MLFLOW_TRACKING_URI", "databricks",
                "DATABRICKS_HOST", mlflow.uri() + "/",
                "DATABRICKS_CLIENT_ID", "sp",
                "DATABRICKS_CLIENT_SECRET", "dose");
        databricks(Client.ofEnvironment(variables));

        Path profiles = Files.writeString(directory.resolve("cfg"), """
                ; comment
                [DEFAULT]
                host = https://elsewhere.example
                [prod]
                host          = %s
                client_id     = sp
                client_secret = dose
                """.formatted(mlflow.uri()));
        databricks(Client.ofEnvironment(Map.of(
                "MLFLOW_TRACKING_URI", "databricks://prod",
                "DATABRICKS_TOKEN", "for another host",
                "DATABRICKS_CONFIG_FILE", profiles.toString())));
    }

    private void databricks(Client client) throws Exception {
        int before = mlflow.requests().size();
        client.experiments();
        client.experiments();
        List<ScriptedServer.Request> requests =
                mlflow.requests().subList(before, mlflow.requests().size());
        assertThat(requests).hasSize(3);
        assertThat(requests.get(0).target()).isEqualTo("/oidc/v1/token");
        assertThat(requests.get(0).body()).isEqualTo("grant_type=client_credentials&scope=all-apis");
        assertThat(requests.get(0).headers())
                .containsEntry(
                        "authorization",
                        "Basic " + Base64.getEncoder().encodeToString("sp:dose".getBytes(StandardCharsets.UTF_8)));
        assertThat(requests.get(2).headers()).containsEntry("authorization", "Bearer m2m");
    }
}

package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.transport.RetryPolicy;
import io.mlflowexporter.testing.ScriptedServer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is tried again, how often, and after which pause. */
final class RetryTest {
    private static final String EMPTY = "{}";

    private final ScriptedServer server = ScriptedServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void burstsOfErrorsAreSurvived(int code) throws Exception {
        server.then(status(code, "{\"error_code\": \"X\"}"), status(code, "<html>busy</html>"), json(EMPTY));
        Client client = Client.of(server.uri());

        assertThat(client.experiments()).isEmpty();
        assertThat(client.pauses).hasSize(2);
        assertThat(client.requests("experiments/search", Integer.toString(code)))
                .contains("2.0");
    }

    @ParameterizedTest
    @CsvSource({
        "400, REJECTED, HTTP 400 (no such thing)",
        "401, UNAUTHORIZED, HTTP 401; check mlflow.auth (no such thing)",
        "403, FORBIDDEN, HTTP 403; check mlflow.auth (no such thing)",
        "404, NOT_FOUND, 'HTTP 404; is this the address of an MLflow server, and is it new enough? (no such thing)'",
        "413, REJECTED, HTTP 413 (no such thing)",
        "204, BAD_ANSWER, HTTP 204 without an answer; is this the address of MLflow?",
        "302, BAD_ANSWER, redirected; set the address of MLflow itself (to /login)"
    })
    void whatAskingAgainCannotMendIsAskedOnce(int code, Kind kind, String said) throws Exception {
        server.otherwise(request -> status(
                code,
                code == 204 ? "" : "{\"error_code\": \"X\", \"message\": \"no such thing\"}",
                "Location: /login"));
        Client client = Client.of(server.uri());

        MlflowException failure = client.failure();

        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure).hasMessage("cannot read experiments/search from " + server.uri() + ": " + said);
        // What may have been refused is the size of the page: a smaller one is asked for.
        assertThat(server.requests()).hasSize(kind == Kind.REJECTED ? 2 : 1);
        assertThat(client.pauses).isEmpty();
    }

    @Test
    void triesAreBoundedAndPausesDoubleWithJitter() throws Exception {
        server.otherwise(request -> status(503, ""));
        Client client = Client.of(server.uri(), "retries", "4", "retry_backoff", "100ms");

        assertThat(client.failure().kind()).isEqualTo(Kind.UNAVAILABLE);

        assertThat(server.requests()).hasSize(5);
        assertThat(client.pauses).hasSize(4);
        for (int retry = 0; retry < 4; retry++) {
            assertThat(client.pauses.get(retry))
                    .isBetween(Duration.ofMillis(50L << retry), Duration.ofMillis(100L << retry));
        }
    }

    @Test
    void theServerSaysHowLongToWait() throws Exception {
        server.then(
                status(429, "", "Retry-After: 7"),
                status(503, "", "Retry-After: Sun, 01 Mar 2026 12:00:09 GMT"),
                status(429, "", "Retry-After: Sun, 01 Mar 2026 11:00:00 GMT"),
                json(EMPTY));
        Client client = Client.of(server.uri());

        client.experiments();

        assertThat(client.pauses).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(9), Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-5", "1.5", "", "Sun, 99 Mar 2026 12:00:09 GMT"})
    void anUnreadableWaitIsOurs(String header) throws Exception {
        server.then(status(429, "", "Retry-After: " + header), json(EMPTY));
        Client client = Client.of(server.uri(), "retry_backoff", "100ms");

        client.experiments();

        assertThat(client.pauses)
                .singleElement()
                .satisfies(pause -> assertThat(pause).isBetween(Duration.ofMillis(50), Duration.ofMillis(100)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"601", "999999999", "99999999999999999999", "Fri, 01 Jan 9999 00:00:00 GMT"})
    void aWaitPastTheEndOfTheRefreshIsNotMade(String header) throws Exception {
        server.then(status(429, "slow down", "Retry-After: " + header));
        Client client = Client.of(server.uri());
        client.source.deadline(Duration.ofMinutes(10));

        MlflowException failure = client.failure();

        assertThat(failure).hasMessageEndingWith("HTTP 429 (slow down)");
        assertThat(client.pauses).isEmpty();
    }

    @Test
    void pausesStayWithinBoundsHoweverManyAndLong() {
        RetryPolicy policy = new RetryPolicy(20, Duration.ofMinutes(5), () -> Math.nextDown(1.0));

        assertThat(policy.pause(19, Optional.empty())).isBetween(Duration.ofHours(1), Duration.ofHours(86));
        assertThat(RetryPolicy.retryAfter("123456789012", Instant.EPOCH)).isPresent();
    }
}

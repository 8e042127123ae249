package io.mlflowexporter.mlflow.rest.transport;

import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.Client;
import io.mlflowexporter.testing.ScriptedServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What servers of all kinds say about a failure reaches the log, on one line. */
final class ErrorBodyTest {
    private final ScriptedServer server = ScriptedServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "nothing", textBlock = """
            {"error_code": "INVALID_PARAMETER_VALUE", "message": "no such thing"} | no such thing
            {"error": "order_by is invalid"}                                      | order_by is invalid
            {"detail": "Not authenticated"}                                       | Not authenticated
            {"detail": [{"loc": ["body"], "msg": "field required"}]}              | field required
            {"error": {"code": 400, "message": "quota is used up"}}               | quota is used up
            {"Error": {"Code": "UserError", "Message": "filter not supported"}}   | filter not supported
            {"errors": [{"title": "Bad Request", "detail": "bad id"}]}            | bad id
            {"message": "", "error": "Forbidden"}                                 | Forbidden
            {"error": "invalid_token", "error_description": "token expired"}      | token expired
            [{"message": "first"}, {"message": "second"}]                         | first
            {"code": 7}                                                           | {"code":7}
            {"message": "two\\nlines\\u001b[31m"}                                 | two lines [31m
            "just words"                                                          | "just words"
            first line¶second line                                                | first line
            {"broken": "json                                                      | {"broken": "json
            <html><title>Sign in</title>                                          | an HTML page, not MLflow's answer; is a proxy in between?
            """)
    void wordsOfAnyShapeAreSaid(String body, String said) throws Exception {
        server.otherwise(request -> status(409, body.replace('¶', '\n')));

        assertThat(Client.of(server.uri()).failure())
                .hasMessage("cannot read experiments/search from " + server.uri() + ": HTTP 409 (" + said + ")");
    }

    @Test
    void aRefusedHostNameLeadsToTheOptionOfTheServer() throws Exception {
        server.otherwise(request -> status(403, "Invalid Host header - possible DNS rebinding attack detected"));

        assertThat(Client.of(server.uri()).failure())
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNAUTHORIZED))
                .hasMessage("cannot read experiments/search from " + server.uri()
                        + ": HTTP 403, as the MLflow server does not take the host name 127.0.0.1:" + server.port()
                        + "; start it with --allowed-hosts 127.0.0.1:" + server.port()
                        + " (Invalid Host header - possible DNS rebinding attack detected)");
    }
}

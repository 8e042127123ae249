package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.bytes;
import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.ParamsHash;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.testing.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every form in which servers, and what stands before them, have been seen to write an answer. */
final class ParsingTest {
    /** Values and structures that no client of today knows. */
    private static final String FUTURE =
            "\"future\": {\"a\": [1, {\"b\": [[], {}]}]}, \"flag\": true, \"none\": null, \"list\": [\"x\", 2.5],";

    private final ScriptedServer server = ScriptedServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    private Run run(String body) throws Exception {
        server.then(json("{" + FUTURE + "\"runs\": [" + body + "]}"));
        List<Run> runs = Client.of(server.uri()).runs();
        assertThat(runs).hasSize(1);
        return runs.get(0);
    }

    @Test
    void aRunInFullWithFieldsOfTheFuture() throws Exception {
        Run run = run("{" + FUTURE + "\"info\": {" + FUTURE
                + "\"run_id\": \"r\", \"experiment_id\": \"0\", \"run_name\": \"Tuning\", \"user_id\": \"ana\","
                + "\"status\": \"FINISHED\", \"lifecycle_stage\": \"deleted\", \"start_time\": 5, \"end_time\": \"9\"},"
                + "\"data\": {" + FUTURE
                + "\"metrics\": [{" + FUTURE + "\"key\": \"m\", \"value\": 1.5, \"timestamp\": 7, \"step\": -3}],"
                + "\"params\": [{" + FUTURE + "\"key\": \"p\", \"value\": \"v\"}],"
                + "\"tags\": [{" + FUTURE + "\"value\": \"w\", \"key\": \"t\"}]}, \"inputs\": {\"x\": []}}");

        assertThat(run)
                .isEqualTo(new Run(
                        "",
                        "r",
                        "0",
                        "Tuning",
                        "ana",
                        RunStatus.FINISHED,
                        LifecycleStage.DELETED,
                        5,
                        9,
                        7,
                        Map.of("t", "w"),
                        Map.of("p", "v"),
                        Map.of("m", new Run.Metric(1.5, 7, -3)),
                        ParamsHash.of(Map.of("p", "v")),
                        0));
    }

    @Test
    void whatIsMissingNullOrOfAnotherTypeIsAbsentNotWrong() throws Exception {
        for (String body : List.of(
                "{\"info\": {\"run_id\": \"r\"}}",
                "{\"info\": {\"run_id\": \"r\", \"start_time\": null, \"end_time\": 0, \"status\": null}, \"data\": null}",
                "{\"info\": {\"run_uuid\": \"r\", \"status\": \"HIBERNATING\", \"lifecycle_stage\": \"frozen\"},"
                        + "\"data\": {\"metrics\": null, \"params\": {}, \"tags\": \"x\"}}",
                "{\"data\": {\"tags\": [null, 1, [], {}]}, \"info\": {\"run_id\": \"r\", \"end_time\": \"\"}}")) {
            Run run = run(body);
            assertThat(run.id()).as(body).isEqualTo("r");
            assertThat(run.status()).as(body).isEqualTo(RunStatus.UNKNOWN);
            assertThat(run.lifecycleStage()).as(body).isEqualTo(LifecycleStage.ACTIVE);
            assertThat(List.of(run.startMillis(), run.endMillis(), run.heartbeatMillis()))
                    .as(body)
                    .containsOnly(Times.ABSENT);
            assertThat(run.tags()).as(body).isEmpty();
            assertThat(run.params()).as(body).isEmpty();
            assertThat(run.metrics()).as(body).isEmpty();
            assertThat(run.unreadableValues()).as(body).isZero();
        }
    }

    @Test
    void metricValuesInEveryForm() throws Exception {
        String[] forms = {
            "NaN",
            "Infinity",
            "-Infinity",
            "\"NaN\"",
            "\"Infinity\"",
            "\"-Infinity\"",
            "\"inf\"",
            "1",
            "\"2.5\"",
            "1e400",
            "100000000000000000000000000000",
            "\"-0.5\""
        };
        List<String> metrics = new ArrayList<>();
        for (int i = 0; i < forms.length; i++) {
            metrics.add("{\"key\": \"" + i + "\", \"value\": " + forms[i] + ", \"timestamp\": \"4\", \"step\": \"2\"}");
        }
        Run run = run("{\"info\": {\"run_id\": \"r\"}, \"data\": {\"metrics\": [" + String.join(",", metrics) + "]}}");

        List<Double> values = new ArrayList<>();
        for (int i = 0; i < forms.length; i++) {
            values.add(run.metrics().get(Integer.toString(i)).value());
        }
        double inf = Double.POSITIVE_INFINITY;
        assertThat(values)
                .containsExactly(Double.NaN, inf, -inf, Double.NaN, inf, -inf, inf, 1.0, 2.5, inf, 1e29, -0.5);
        assertThat(run.heartbeatMillis()).isEqualTo(4);
        assertThat(run.metrics().get("0").step()).isEqualTo(2);
        assertThat(run.unreadableValues()).isZero();
    }

    @Test
    void whatCannotBeReadIsCountedAndTheRestKept() throws Exception {
        Run run =
                run("{\"info\": {\"run_id\": \"r\", \"start_time\": \"yesterday\", \"end_time\": 99999999999999999999},"
                        + "\"data\": {\"metrics\": [{\"key\": \"a\", \"value\": \"much\"}, {\"key\": \"b\", \"value\": null},"
                        + "{\"key\": \"c\", \"value\": 1, \"timestamp\": 0}]}}");

        assertThat(run.unreadableValues()).isEqualTo(4);
        assertThat(run.metrics()).containsOnlyKeys("c");
        assertThat(run.heartbeatMillis()).isEqualTo(Times.ABSENT);
    }

    @Test
    void experimentsModelsAndVersions() throws Exception {
        server.then(
                json("{\"experiments\": [{" + FUTURE
                        + "\"experiment_id\": \"1\", \"name\": \"a\\u0000\\ud83d\\ude80\\\"\\n\","
                        + "\"lifecycle_stage\": \"deleted\", \"creation_time\": \"1700000000000\","
                        + "\"last_update_time\": 1.7e12, \"tags\": [{\"key\": \"k\", \"value\": \"v\"}]},"
                        + "null, {}, {\"name\": \"no id\"}]}"),
                json("{\"registered_models\": [{" + FUTURE + "\"name\": \"m\", \"creation_timestamp\": 3,"
                        + "\"aliases\": [{\"alias\": \"champion\", \"version\": 2}, {\"version\": \"9\"}, null],"
                        + "\"latest_versions\": [{\"name\": \"x\", \"version\": \"1\"}], \"tags\": []}, {}]}"),
                json("{\"model_versions\": [{" + FUTURE + "\"name\": \"m\", \"version\": 2, \"run_id\": null,"
                        + "\"creation_timestamp\": 0, \"status\": \"READY\", \"current_stage\": \"None\"}, [], {}]}"),
                json("{\"metrics\": [{\"key\": \"m\", \"value\": \"NaN\", \"timestamp\": 1}]}"));
        Client client = Client.of(server.uri());
        List<RegisteredModel> models = new ArrayList<>();
        List<ModelVersion> versions = new ArrayList<>();
        List<Run.Metric> history = new ArrayList<>();

        List<Experiment> experiments = client.experiments();
        client.source.registeredModels("", models::add);
        client.source.modelVersions("", versions::add);
        client.source.metricHistory("", "r", "m", history::add);

        long t = 1_700_000_000_000L;
        assertThat(experiments)
                .containsExactly(new Experiment("", "1", "a\0🚀\"\n", LifecycleStage.DELETED, t, t, Map.of("k", "v")));
        assertThat(models).containsExactly(new RegisteredModel("", "m", 3, Times.ABSENT, Map.of("champion", "2")));
        assertThat(versions)
                .containsExactly(new ModelVersion("", "m", "2", "", "None", "READY", Times.ABSENT, Times.ABSENT));
        assertThat(history).containsExactly(new Run.Metric(Double.NaN, 1, 0));
    }

    @Test
    void longNamesAndDuplicateKeysAreTaken() throws Exception {
        String name = "🚲\\\\\\\"".repeat(1_000 / 4);
        server.then(json("{\"experiments\": [{\"experiment_id\": \"1\", \"experiment_id\": \"2\", \"name\": \"" + name
                + "\"}], \"experiments\": [{\"experiment_id\": \"3\"}]}"));

        List<Experiment> read = Client.of(server.uri()).experiments();

        assertThat(read).extracting(Experiment::id).containsExactly("2", "3");
        assertThat(read.get(0).name()).isEqualTo("🚲\\\"".repeat(1_000 / 4));
    }

    @Test
    void textsThatAreTooLongAreCutAndStayDifferent() throws Exception {
        String alike = "😀".repeat(700_000);
        server.then(json("{\"experiments\": [{\"experiment_id\": \"1\", \"name\": \"" + alike + "a\", \"tags\": ["
                + "{\"key\": \"k\", \"value\": \"" + alike + "\"}]}, {\"experiment_id\": \"2\", \"name\": \"" + alike
                + "b\"}, {\"experiment_id\": \"3\", \"name\": \"" + alike + "a\"}]}"));

        List<Experiment> read = Client.of(server.uri()).experiments();

        assertThat(read).extracting(Experiment::name).allMatch(name -> name.startsWith("😀".repeat(450) + "…"));
        assertThat(read.get(0).name())
                .hasSizeLessThan(1_000)
                .isEqualTo(read.get(2).name())
                .isNotEqualTo(read.get(1).name());
        assertThat(read.get(0).tags().get("k")).hasSizeLessThan(1_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"experiments\": []}", "{\"experiments\": null}", " \n{\"next_page_token\": \"\"}\n"})
    void nothingThereIsNothingWrong(String body) throws Exception {
        server.then(json(body));

        assertThat(Client.of(server.uri()).experiments()).isEmpty();
    }

    static List<byte[]> notMlflows() {
        String open = "{\"experiments\": [{\"experiment_id\": \"1\"";
        List<String> texts = List.of(
                "",
                "<!doctype html><html><body>Sign in</body></html>",
                "[]",
                "null",
                "\"ok\"",
                open,
                open + "}",
                open + ", \"name\": \"tr",
                open + "}]} trailing",
                open + "}]}{}",
                "{\"experiments\": " + "[".repeat(500) + "]".repeat(500) + "}",
                "{\"error_code\": \"INTERNAL_ERROR\", \"message\": \"x\"}",
                "{\"message\": \"rate limit of the gateway exceeded\"}",
                "{experiments: []}");
        List<byte[]> answers = new ArrayList<>();
        texts.forEach(text -> answers.add(text.getBytes(StandardCharsets.UTF_8)));
        answers.add((open + ", \"name\": \"\u00ff\"}]}").getBytes(StandardCharsets.ISO_8859_1));
        answers.add(new byte[] {0, 1, 2, 3});
        return answers;
    }

    @ParameterizedTest
    @MethodSource("notMlflows")
    void whatIsNotMlflowsAnswerIsRefusedInOneLine(byte[] body) throws Exception {
        server.then(bytes(200, body, "Content-Type: text/html"));
        Client client = Client.of(server.uri());

        MlflowException failure = client.failure();

        assertThat(failure.kind()).isEqualTo(Kind.BAD_ANSWER);
        assertThat(failure.getMessage())
                .startsWith("cannot read experiments/search from " + server.uri() + ": the answer is")
                .hasSizeLessThan(500)
                .doesNotContain("\n");
        assertThat(client.pauses).as("asking again would not help").isEmpty();
    }

    @Test
    void aProxysErrorPageIsNamedAsOne() throws Exception {
        server.otherwise(request -> status(502, "<html>\n<h1>Bad\u001b[31m Gateway</h1></html>"));

        assertThat(Client.of(server.uri(), "retries", "0").failure())
                .hasMessageEndingWith("HTTP 502 (an HTML page, not MLflow's answer; is a proxy in between?)");
    }

    @Test
    void aServersWordsAreMadeFitForOneLine() throws Exception {
        server.otherwise(request -> status(400, "{\"message\": \"a\\nb\\u001b[31m\\u202e" + "x".repeat(1_000) + "\"}"));

        assertThat(Client.of(server.uri()).failure().getMessage())
                .contains("HTTP 400 (a b [31m xxx")
                .endsWith("…)")
                .hasSizeLessThan(400);
    }
}

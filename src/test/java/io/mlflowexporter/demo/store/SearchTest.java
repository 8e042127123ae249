package io.mlflowexporter.demo.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.Rest;
import io.mlflowexporter.demo.SimulatedMlflow;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters, orders, limits and tokens; the expectations were taken from a real MLflow 3.17.2 server. */
class SearchTest {
    private static SimulatedMlflow server;
    private static Rest rest;

    @BeforeAll
    static void load() throws IOException, InterruptedException {
        server = SimulatedMlflow.empty();
        rest = new Rest(server);
        rest.post("experiments/create", "{\"name\": \"bikes\"}");
        create("one", 1000, "FINISHED", 5000, "{\"key\":\"k\",\"value\":\"v\"},{\"key\":\"t t\",\"value\":\"1\"}");
        create("two", 2000, "RUNNING", 0, "");
        create("three", 3000, "FAILED", 4000, "{\"key\":\"k\",\"value\":\"it's\"}");
    }

    private static void create(String name, long start, String status, long end, String tags)
            throws IOException, InterruptedException {
        String id = rest.post(
                        "runs/create",
                        "{\"experiment_id\":\"1\",\"user_id\":\"ana\",\"run_name\":\"" + name + "\",\"start_time\":\""
                                + start + "\",\"tags\":[" + tags + "]}")
                .json()
                .at("/run/info/run_id")
                .asText();
        rest.post(
                "runs/log-batch",
                "{\"run_id\":\"" + id + "\",\"metrics\":[{\"key\":\"m/x\",\"value\":" + start
                        + ",\"timestamp\":1,\"step\":0}],\"params\":[{\"key\":\"p\",\"value\":\"" + name + "\"}]}");
        if (end > 0) {
            rest.post(
                    "runs/update",
                    "{\"run_id\":\"" + id + "\",\"status\":\"" + status + "\",\"end_time\":" + end + "}");
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '#',
            value = {
                "start_time >= 2000 | two three",
                "attributes.start_time > 1000 AND attributes.start_time<3000 | two",
                "attributes.start_time >= 1.5 | one two three",
                "attributes.start_time >= -5 | one two three",
                "end_time >= 4000 | one three",
                "end_time != 4000 | one",
                "attributes.status = 'RUNNING' | two",
                "status = 'running' | ",
                "status != 'RUNNING' | one three",
                "run_name = 'one' | one",
                "attributes.`run name` LIKE '%w%' | two",
                "run_name LIKE 'O%' | ",
                "run_name ILIKE 'O%' | one",
                "user_id = 'ana' | one two three",
                "tags.k = 'v' | one",
                "tags.k = \"v\" | one",
                "tags.\"k\" = 'v' | one",
                "tags.k != 'v' | three",
                "tags.`t t` = '1' | one",
                "tags.mlflow.runName = 'two' | two",
                "tags.k IS NULL | two",
                "tags.k is not null | one three",
                "params.p = 'three' | three",
                "metrics.`m/x` > 1000 | two three",
                "metrics.`m/x` <= 1e3 | one",
                "attributes.start_time >= 1 AND | one two three",
                "created > 2500 | three"
            })
    void filters(String filter, String expected) throws IOException, InterruptedException {
        List<String> names = rest.searchRuns(filter, "").texts("runs", "/info/run_name");
        List<String> wanted = expected == null ? List.of() : List.of(expected.split(" ", -1));
        assertThat(names).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '#',
            value = {
                "garbage | Invalid clause(s) in filter string: 'garbage'",
                "metrics.m = 1 OR metrics.m = 2 | Invalid clause(s) in filter string: 'OR'",
                "foo.bar = 1 | Invalid entity type 'foo'",
                "attribute.foo = 1 | Invalid attribute key 'foo'",
                "attributes.start_time >= 'a' | Expected numeric value type for numeric attribute: start_time. Found 'a'",
                "metrics.m > 'x' | Expected numeric value type for metric. Found 'x'",
                "params.p = 1 | Expected a quoted string value for parameter (e.g. 'my-value'). Got value 1",
                "status > 'A' | Invalid comparator '>'",
                "status IN ('RUNNING') | Only ['run_id'] attributes support comparison",
                "run_id IN () | expected a non-empty list of string values, but got empty list"
            })
    void refusedFilters(String filter, String message) throws IOException, InterruptedException {
        Rest.Reply reply = rest.searchRuns(filter, "");
        assertThat(reply.error()).isEqualTo("400 INVALID_PARAMETER_VALUE");
        assertThat(reply.json().path("message").asText()).contains(message);
    }

    @Test
    void runsByIdWhateverTheirNumber() throws IOException, InterruptedException {
        List<String> ids = rest.searchRuns("", "attributes.start_time ASC").texts("runs", "/info/run_id");
        assertThat(rest.searchRuns("attributes.run_id IN ('" + ids.get(0) + "','" + ids.get(2) + "', 'x')", "")
                        .texts("runs", "/info/run_name"))
                .containsExactly("three", "one");
        assertThat(rest.searchRuns("run_id = '" + ids.get(1) + "'", "").texts("runs", "/info/run_name"))
                .containsExactly("two");
        assertThat(rest.searchRuns("run_id NOT IN ('" + ids.get(1) + "')", "").texts("runs", "/info/run_name"))
                .containsExactly("three", "one");
    }

    @ParameterizedTest
    @CsvSource({
        "'', three two one",
        "attributes.start_time, one two three",
        "attributes.start_time DESC, three two one",
        "end_time, three one two",
        "attributes.end_time DESC, one three two",
        "metrics.`m/x` DESC, three two one",
        "params.p, one three two",
        "tags.`t t`, one three two",
        "attributes.status ASC, three one two"
    })
    void orders(String orderBy, String expected) throws IOException, InterruptedException {
        assertThat(String.join(" ", rest.searchRuns("", orderBy).texts("runs", "/info/run_name")))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "'start_time DESC, run_id ASC', Could not be parsed",
        "start_time down, Invalid ordering key",
        "attributes.experiment_id, Invalid attribute key"
    })
    void refusedOrders(String orderBy, String message) throws IOException, InterruptedException {
        assertThat(rest.searchRuns("", orderBy).json().path("message").asText()).contains(message);
    }

    @ParameterizedTest
    @CsvSource({"50001", "0", "-1", "'\"x\"'"})
    void refusedPageSizes(String max) throws IOException, InterruptedException {
        assertThat(rest.post("runs/search", "{\"experiment_ids\":[\"1\"],\"max_results\":" + max + "}")
                        .error())
                .isEqualTo("400 INVALID_PARAMETER_VALUE");
    }

    @Test
    void limitsOfTheOtherSearches() throws IOException, InterruptedException {
        assertThat(rest.post("experiments/search", "{}").error()).isEqualTo("400 INVALID_PARAMETER_VALUE");
        assertThat(rest.post("experiments/search", "{\"max_results\":50001}").error())
                .isEqualTo("400 INVALID_PARAMETER_VALUE");
        assertThat(rest.get("registered-models/search?max_results=1001").error())
                .isEqualTo("400 INVALID_PARAMETER_VALUE");
        assertThat(rest.get("registered-models/search?max_results=1000").status())
                .isEqualTo(200);
        assertThat(rest.get("model-versions/search?max_results=200001").error())
                .isEqualTo("400 INVALID_PARAMETER_VALUE");
        assertThat(rest.get("model-versions/search?max_results=200000").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "x, could not base64-decode",
        "!!!!, decoded value",
        "eyJvZmZzZXQiOjB9, parsed value",
        "eyJvZmZzZXQiOiJhIn0=, not stringable a"
    })
    void refusedTokens(String token, String message) throws IOException, InterruptedException {
        Rest.Reply reply = rest.post("runs/search", "{\"experiment_ids\":[\"1\"],\"page_token\":\"" + token + "\"}");
        assertThat(reply.error()).isEqualTo("400 INVALID_PARAMETER_VALUE");
        assertThat(reply.json().path("message").asText()).contains(message);
    }

    @Test
    void whatIsMissingAndWhatIsNoEndpoint() throws IOException, InterruptedException {
        assertThat(rest.get("runs/get?run_id=zz").error()).isEqualTo("404 RESOURCE_DOES_NOT_EXIST");
        assertThat(rest.get("experiments/get?experiment_id=99").error()).isEqualTo("404 RESOURCE_DOES_NOT_EXIST");
        assertThat(rest.get("experiments/get?experiment_id=abc").error()).isEqualTo("400 INVALID_PARAMETER_VALUE");
        assertThat(rest.post("experiments/create", "{\"name\":\"bikes\"}").error())
                .isEqualTo("400 RESOURCE_ALREADY_EXISTS");
        assertThat(rest.get("nothing").status()).isEqualTo(404);
        assertThat(rest.get("nothing").contentType()).startsWith("text/html");
        assertThat(rest.get("runs/search").status()).isEqualTo(405);
        assertThat(rest.get("/health").body()).isEqualTo("OK");
        assertThat(rest.get("/version").body()).isEqualTo("3.17.2");
    }

    @Test
    void promptsAreNoModels() throws IOException, InterruptedException {
        rest.post("registered-models/create", "{\"name\":\"demand\"}");
        rest.post(
                "registered-models/create",
                "{\"name\":\"a prompt\",\"tags\":[{\"key\":\"mlflow.prompt.is_prompt\",\"value\":\"true\"}]}");
        assertThat(rest.get("registered-models/search").texts("registered_models", "/name"))
                .containsExactly("demand");
        String prompts = Rest.encode("tags.`mlflow.prompt.is_prompt` = 'true'");
        assertThat(rest.get("registered-models/search?filter=" + prompts).texts("registered_models", "/name"))
                .containsExactly("a prompt");
        assertThat(rest.get("registered-models/search?filter=" + Rest.encode("name LIKE 'd%'"))
                        .texts("registered_models", "/name"))
                .containsExactly("demand");
    }
}

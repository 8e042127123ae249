package io.mlflowexporter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.conformance.PlainRest.Reply;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How MLflow behaves, as docs/mlflow-facts.md lists it: the real servers and the simulated ones alike. */
@ParameterizedClass
@EnumSource(value = ConformanceTarget.class, mode = EnumSource.Mode.EXCLUDE, names = "SIMULATED_DEMO")
final class FactsIT {
    @Parameter
    ConformanceTarget target;

    private PlainRest rest;
    private String experiment;

    @BeforeEach
    void start() throws Exception {
        rest = new PlainRest(target.uri());
        experiment = rest.post("experiments/create", "{\"name\": \"facts " + UUID.randomUUID() + "\"}")
                .json()
                .path("experiment_id")
                .asText();
    }

    private String run(long startMillis) throws Exception {
        return rest.post(
                        "runs/create",
                        "{\"experiment_id\": \"" + experiment + "\", \"start_time\": " + startMillis
                                + ", \"run_name\": \"r\"}")
                .json()
                .at("/run/info/run_id")
                .asText();
    }

    private JsonNode readRun(String id) throws Exception {
        return rest.get("runs/get?run_id=" + id).json().path("run");
    }

    private Reply searchRuns(String fields) throws Exception {
        return rest.post("runs/search", "{\"experiment_ids\": [\"" + experiment + "\"]" + fields + "}");
    }

    private String modelWithVersion() throws Exception {
        String name = "facts-" + UUID.randomUUID();
        rest.post("registered-models/create", "{\"name\": \"" + name + "\"}").ok();
        rest.post("model-versions/create", "{\"name\": \"" + name + "\", \"source\": \"s3://x/1\"}")
                .ok();
        return name;
    }

    private JsonNode model(String name) throws Exception {
        return rest.get("registered-models/get?name=" + name).json().path("registered_model");
    }

    private JsonNode version(String name) throws Exception {
        return rest.get("model-versions/get?version=1&name=" + name).json().path("model_version");
    }

    private static void nextMillisecond() {
        long before = System.currentTimeMillis();
        while (System.currentTimeMillis() == before) {
            Thread.onSpinWait();
        }
    }

    @Test
    void anAliasChangesNoTimestampAndOnlyModelsShowItInSearches() throws Exception {
        String name = modelWithVersion();
        long model = model(name).path("last_updated_timestamp").asLong();
        long version = version(name).path("last_updated_timestamp").asLong();
        nextMillisecond();
        rest.post("registered-models/alias", "{\"name\": \"" + name + "\", \"alias\": \"prod\", \"version\": \"1\"}")
                .ok();

        assertThat(model(name).path("last_updated_timestamp").asLong()).isEqualTo(model);
        assertThat(version(name).path("last_updated_timestamp").asLong()).isEqualTo(version);
        String filter = URLEncoder.encode("name = '" + name + "'", StandardCharsets.UTF_8);
        assertThat(rest.get("registered-models/search?filter=" + filter)
                        .json()
                        .at("/registered_models/0/aliases/0/version")
                        .asText())
                .isEqualTo("1");
        JsonNode found =
                rest.get("model-versions/search?filter=" + filter).json().at("/model_versions/0");
        assertThat(found.path("name").asText()).isEqualTo(name);
        assertThat(found.has("aliases")).isFalse();
        assertThat(version(name).at("/aliases/0").asText()).isEqualTo("prod");
    }

    @Test
    void aNewVersionTouchesItsModelAndADeletedOneTakesItsAliasesAlongSince3() throws Exception {
        String name = modelWithVersion();
        rest.post("registered-models/alias", "{\"name\": \"" + name + "\", \"alias\": \"prod\", \"version\": \"1\"}")
                .ok();
        long before = model(name).path("last_updated_timestamp").asLong();
        nextMillisecond();
        rest.post("model-versions/create", "{\"name\": \"" + name + "\", \"source\": \"s3://x/2\"}")
                .ok();
        assertThat(model(name).path("last_updated_timestamp").asLong()).isGreaterThan(before);

        rest.delete("model-versions/delete", "{\"name\": \"" + name + "\", \"version\": \"1\"}")
                .ok();
        assertThat(model(name).has("aliases")).isEqualTo(target.major() < 3);
    }

    @Test
    void promptsAreNotFoundAmongModels() throws Exception {
        String name = "prompt-" + UUID.randomUUID();
        rest.post(
                        "registered-models/create",
                        "{\"name\": \"" + name
                                + "\", \"tags\": [{\"key\": \"mlflow.prompt.is_prompt\", \"value\": \"true\"}]}")
                .ok();
        String filter = URLEncoder.encode("name = '" + name + "'", StandardCharsets.UTF_8);
        assertThat(rest.get("registered-models/search?filter=" + filter).json().has("registered_models"))
                .isFalse();
    }

    @Test
    void anExperimentTakesItsRunsAlongWhenItIsDeletedAndRestored() throws Exception {
        String kept = run(1_000);
        String deleted = run(2_000);
        rest.post("runs/delete", "{\"run_id\": \"" + deleted + "\"}").ok();
        long before = readExperiment().path("last_update_time").asLong();
        nextMillisecond();
        rest.post("experiments/delete", "{\"experiment_id\": \"" + experiment + "\"}")
                .ok();

        assertThat(readExperiment().path("lifecycle_stage").asText()).isEqualTo("deleted");
        assertThat(readExperiment().path("last_update_time").asLong()).isGreaterThan(before);
        assertThat(readRun(kept).at("/info/lifecycle_stage").asText()).isEqualTo("deleted");
        assertThat(searchRuns(", \"run_view_type\": \"DELETED_ONLY\"").json().path("runs"))
                .hasSize(2);
        assertThat(searchRuns("").json().has("runs")).isFalse();

        rest.post("experiments/restore", "{\"experiment_id\": \"" + experiment + "\"}")
                .ok();
        assertThat(readRun(kept).at("/info/lifecycle_stage").asText()).isEqualTo("active");
        assertThat(readRun(deleted).at("/info/lifecycle_stage").asText())
                .as("a run that had been deleted by itself")
                .isEqualTo("active");
    }

    private JsonNode readExperiment() throws Exception {
        return rest.get("experiments/get?experiment_id=" + experiment).json().path("experiment");
    }

    @Test
    void aDeletedExperimentKeepsItsName() throws Exception {
        String name = readExperiment().path("name").asText();
        rest.post("experiments/delete", "{\"experiment_id\": \"" + experiment + "\"}")
                .ok();
        assertThat(rest.post("experiments/create", "{\"name\": \"" + name + "\"}")
                        .error())
                .isEqualTo("400 RESOURCE_ALREADY_EXISTS");
    }

    @Test
    void integersAreNumbersNanIsTextAndInfinityTheGreatestNumber() throws Exception {
        String id = run(1_700_000_000_123L);
        for (String value : new String[] {"\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "-0.0"}) {
            rest.post(
                            "runs/log-metric",
                            "{\"run_id\": \"" + id + "\", \"key\": \"m " + value.replaceAll("\"", "")
                                    + "\", \"value\": " + value + ", \"timestamp\": 5, \"step\": -3}")
                    .ok();
        }
        JsonNode run = readRun(id);
        assertThat(run.at("/info/start_time").isIntegralNumber()).isTrue();
        assertThat(run.at("/info/start_time").asLong()).isEqualTo(1_700_000_000_123L);
        assertThat(run.path("info").has("end_time")).isFalse();
        assertThat(run.at("/data/metrics"))
                .extracting(metric -> metric.path("key").asText().substring(2) + " is "
                        + metric.path("value").getNodeType() + " "
                        + metric.path("value").asText() + " at step "
                        + metric.path("step").asLong())
                .containsExactlyInAnyOrder(
                        "NaN is STRING NaN at step -3",
                        "Infinity is NUMBER 1.7976931348623157E308 at step -3",
                        "-Infinity is NUMBER -1.7976931348623157E308 at step -3",
                        "-0.0 is NUMBER 0.0 at step -3");
    }

    @Test
    void theLatestMetricIsTheOneOfTheGreatestStepThenTimestampThenValue() throws Exception {
        String id = run(1_000);
        logMetric(id, 1, 20, 5);
        logMetric(id, 2, 30, 3);
        assertThat(latest(id)).isEqualTo("1.0 at 20 step 5");
        logMetric(id, 9, 10, 5);
        assertThat(latest(id)).isEqualTo("1.0 at 20 step 5");
        logMetric(id, 0, 20, 5);
        assertThat(latest(id)).isEqualTo("1.0 at 20 step 5");
        logMetric(id, 3, 20, 5);
        assertThat(latest(id)).isEqualTo("3.0 at 20 step 5");
        assertThat(rest.get("metrics/get-history?metric_key=m&run_id=" + id)
                        .json()
                        .path("metrics"))
                .hasSize(5);
    }

    private void logMetric(String id, double value, long timestamp, long step) throws Exception {
        rest.post(
                        "runs/log-metric",
                        "{\"run_id\": \"" + id + "\", \"key\": \"m\", \"value\": " + value + ", \"timestamp\": "
                                + timestamp + ", \"step\": " + step + "}")
                .ok();
    }

    private String latest(String id) throws Exception {
        JsonNode metric = readRun(id).at("/data/metrics/0");
        return metric.path("value").asDouble() + " at "
                + metric.path("timestamp").asLong() + " step "
                + metric.path("step").asLong();
    }

    @Test
    void aRunWithoutAStartIsStoredWithZero() throws Exception {
        String id = rest.post("runs/create", "{\"experiment_id\": \"" + experiment + "\"}")
                .json()
                .at("/run/info/run_id")
                .asText();
        JsonNode info = readRun(id).path("info");
        assertThat(info.path("start_time").asLong(-1)).isZero();
        assertThat(info.path("run_name").asText()).matches("[a-z]+-[a-z]+-\\d+");
        assertThat(searchRuns(", \"filter\": \"attributes.start_time >= 0\"")
                        .json()
                        .path("runs"))
                .hasSize(1);
    }

    @Test
    void pageTokensAreOffsetsSoARunInsertedBeforeShiftsThePages() throws Exception {
        String first = run(1_000);
        String second = run(2_000);
        run(3_000);
        String order = ", \"max_results\": 2, \"order_by\": [\"attributes.start_time ASC\"]";
        Reply page = searchRuns(order);
        assertThat(page.json().at("/runs/0/info/run_id").asText()).isEqualTo(first);
        run(500);
        Reply next = searchRuns(order + ", \"page_token\": \""
                + page.json().path("next_page_token").asText() + "\"");
        assertThat(next.json().at("/runs/0/info/run_id").asText()).isEqualTo(second);
        assertThat(searchRuns(order + ", \"filter\": \"attributes.start_time >= 2000\"")
                        .json()
                        .path("runs"))
                .hasSize(2);
    }

    @Test
    void aPageThatIsExactlyFullIsFollowedByATokenBefore3Only() throws Exception {
        run(1_000);
        run(1_000);
        assertThat(searchRuns(", \"max_results\": 2").json().has("next_page_token"))
                .isEqualTo(target.major() < 3);
        assertThat(searchRuns(", \"max_results\": 1").json().has("next_page_token"))
                .isTrue();
    }

    @Test
    void whatIsWrongIsRefusedInJson() throws Exception {
        String invalid = "400 INVALID_PARAMETER_VALUE";
        assertThat(searchRuns(", \"max_results\": 50001").error()).isEqualTo(invalid);
        assertThat(searchRuns(", \"max_results\": 50000").status()).isEqualTo(200);
        assertThat(searchRuns(", \"max_results\": 0").error()).isEqualTo(invalid);
        assertThat(searchRuns(", \"filter\": \"what is this\"").error()).isEqualTo(invalid);
        assertThat(searchRuns(", \"order_by\": [\"attributes.nothing\"]").error())
                .isEqualTo(invalid);
        assertThat(searchRuns(", \"page_token\": \"???\"").error()).isEqualTo(invalid);
        assertThat(rest.post("experiments/search", "{}").error()).isEqualTo(invalid);
        assertThat(rest.post("experiments/search", "{\"max_results\": 50001}").error())
                .isEqualTo(invalid);
        assertThat(rest.get("registered-models/search?max_results=1001").error())
                .isEqualTo(invalid);
        assertThat(rest.get("registered-models/search?max_results=1000").status())
                .isEqualTo(200);
        assertThat(rest.get("model-versions/search?max_results=200001").error()).isEqualTo(invalid);
        assertThat(rest.get("model-versions/search?max_results=200000").status())
                .isEqualTo(200);
        assertThat(rest.get("runs/get?run_id=none").error()).isEqualTo("404 RESOURCE_DOES_NOT_EXIST");
        assertThat(rest.get("experiments/get?experiment_id=987654321").error())
                .isEqualTo("404 RESOURCE_DOES_NOT_EXIST");
        assertThat(rest.get("registered-models/get?name=none").error()).isEqualTo("404 RESOURCE_DOES_NOT_EXIST");
        assertThat(rest.post("runs/set-tag", "{\"run_id\": \"" + run(1) + "\", \"key\": \"a,b\", \"value\": \"x\"}")
                        .error())
                .isEqualTo(invalid);
    }

    @Test
    void theHistoryOfAnUnknownRunIsEmptyAndAnErrorOnlyWithWorkspaces() throws Exception {
        Reply reply = rest.get("metrics/get-history?metric_key=m&run_id=none");
        if (target.withWorkspaces()) {
            assertThat(reply.error()).isEqualTo("404 RESOURCE_DOES_NOT_EXIST");
        } else {
            assertThat(reply.ok().json()).isEmpty();
        }
    }

    @Test
    void whatDoesNotExistIsRefusedInHtml() throws Exception {
        Reply unknown = rest.get("no/such/endpoint");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.contentType()).startsWith("text/html");
        assertThat(unknown.body()).contains("<title>404 Not Found</title>");
        Reply method = rest.delete("runs/search", "{}");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.contentType()).startsWith("text/html");
    }

    @Test
    void theServerTellsItsHealthAndVersion() throws Exception {
        assertThat(rest.get("/health").body()).isEqualTo("OK");
        assertThat(rest.get("/version").body()).startsWith(target.major() + ".");
    }

    @Test
    void workspacesAreToldSince3AndTheirHeaderIsRefusedWhereTheyAreOff() throws Exception {
        Reply info = rest.get("/api/3.0/mlflow/server-info");
        Reply listing = rest.get("/api/3.0/mlflow/workspaces");
        Reply headed = new PlainRest(target.uri(), "X-MLFLOW-WORKSPACE", "team-a")
                .post("experiments/search", "{\"max_results\": 10}");
        if (target.major() < 3) {
            assertThat(info.status()).isEqualTo(404);
            assertThat(listing.status()).isEqualTo(404);
            assertThat(headed.status()).as("the header is not known").isEqualTo(200);
        } else if (target.withWorkspaces()) {
            assertThat(info.json().path("workspaces_enabled").asBoolean()).isTrue();
            assertThat(listing.json().path("workspaces"))
                    .extracting(workspace -> workspace.path("name").asText())
                    .containsExactlyInAnyOrder("default", "team-a", "team-b");
            assertThat(headed.json().path("experiments"))
                    .extracting(found -> found.path("workspace").asText())
                    .containsOnly("team-a");
        } else {
            assertThat(info.json().path("workspaces_enabled").asBoolean(true)).isFalse();
            assertThat(listing.status()).isEqualTo(503);
            assertThat(headed.error()).isEqualTo("500 FEATURE_DISABLED");
        }
    }
}

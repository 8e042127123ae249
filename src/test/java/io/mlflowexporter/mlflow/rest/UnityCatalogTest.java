package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.testing.ScriptedServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A registry in Unity Catalog, scripted after the messages of MLflow's own client for it. */
final class UnityCatalogTest {
    private static final String CATALOG = "/api/2.0/mlflow/unity-catalog/";
    private static final String VERSIONS = """
            {"model_versions": [{"name": "main.ml.a", "version": "3", "status": "READY", "creation_timestamp": 1000,
              "run_id": "r"}]}""";

    private final ScriptedServer server = ScriptedServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    private Client client() throws Exception {
        return client(Map.of());
    }

    private Client client(Map<String, String> settings) throws Exception {
        return Client.ofEnvironment(
                Map.of(
                        "MLFLOW_TRACKING_URI", "databricks",
                        "MLFLOW_REGISTRY_URI", "databricks-uc",
                        "DATABRICKS_HOST", server.uri().toString(),
                        "DATABRICKS_TOKEN", "t"),
                settings);
    }

    private ScriptedServer.Answer answer(ScriptedServer.Request request) {
        String target = request.target();
        if (target.startsWith(CATALOG + "registered-models/search")) {
            return json(
                    target.contains("page_token")
                            ? "{\"registered_models\": [{\"name\": \"main.ml.gone\"}, {\"name\": \"main.ml.hidden\"}]}"
                            : "{\"registered_models\": [{\"name\": \"main.ml.a\"}], \"next_page_token\": \"n\"}");
        }
        if (target.equals(CATALOG + "registered-models/get?name=main.ml.a")) {
            return json("{\"registered_model\": {\"name\": \"main.ml.a\", \"creation_timestamp\": 5,"
                    + " \"aliases\": [{\"alias\": \"champion\", \"version\": 3}]}}");
        }
        if (target.contains("get?name=main.ml.gone")) {
            return status(404, "{\"error_code\": \"RESOURCE_DOES_NOT_EXIST\"}");
        }
        return target.contains("get?name=main.ml.hidden")
                ? status(403, "{\"error_code\": \"PERMISSION_DENIED\"}")
                : target.startsWith(CATALOG + "model-versions/search") ? json(VERSIONS) : status(404, "");
    }

    @Test
    void modelsComeWithTheAliasesThatOnlyTheModelTells() throws Exception {
        server.otherwise(this::answer);
        List<RegisteredModel> models = new ArrayList<>();
        client().source.registeredModels("", models::add);

        assertThat(models).extracting(RegisteredModel::name).containsExactly("main.ml.a", "main.ml.hidden");
        assertThat(models.get(0).aliases()).isEqualTo(Map.of("champion", "3"));
        assertThat(models.get(1).aliases()).isEmpty();
    }

    @Test
    void aModelThatIsTooLargeIsNamedAndTheOthersAreRead() throws Exception {
        server.otherwise(request -> request.target().contains("get?name=main.ml.a")
                ? json("{\"registered_model\": {\"name\": \"main.ml.a\", \"description\": \"" + "x".repeat(100_000)
                        + "\"}}")
                : answer(request));
        List<String> models = new ArrayList<>();
        List<String> tooLarge = new ArrayList<>();
        client(Map.of("mlflow.max_response_size", "64KiB")).source.registeredModels("", new Listing<>() {
            @Override
            public void accept(RegisteredModel model) {
                models.add(model.name());
            }

            @Override
            public void tooLarge(RegisteredModel model) {
                tooLarge.add(model.name());
            }
        });

        assertThat(models).containsExactly("main.ml.hidden");
        assertThat(tooLarge).containsExactly("main.ml.a");
    }

    @Test
    void versionsAreListedAtOnceOrModelByModel() throws Exception {
        server.otherwise(this::answer);
        List<ModelVersion> all = new ArrayList<>();
        client().source.modelVersions("", all::add);
        assertThat(all).extracting(ModelVersion::model).containsExactly("main.ml.a");
        assertThat(server.requests()).hasSize(1);

        server.otherwise(request -> request.target().startsWith(CATALOG + "model-versions/search")
                        && !request.target().contains("filter=")
                ? status(400, "{\"error_code\": \"INVALID_PARAMETER_VALUE\", \"message\": \"Missing filter\"}")
                : request.target().contains("main.ml.a") ? json(VERSIONS) : empty(request));
        List<ModelVersion> each = new ArrayList<>();
        client().source.modelVersions("", each::add);
        assertThat(each).isEqualTo(all);
        assertThat(server.requests()).anyMatch(request -> request.target().endsWith("&filter=name%3D%27main.ml.a%27"));
    }

    private ScriptedServer.Answer empty(ScriptedServer.Request request) {
        return request.target().startsWith(CATALOG + "model-versions/search") ? json("{}") : answer(request);
    }
}

package io.mlflowexporter.refresh;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.testing.Exposed;
import io.mlflowexporter.testing.Promtool;
import io.mlflowexporter.testing.ScriptedServer;
import io.mlflowexporter.testing.ScriptedServer.Answer;
import io.mlflowexporter.testing.ScriptedServer.Request;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Names as people, and people who mean harm, give them; filters by them; objects that belong to nothing. */
final class HostileNamesTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> NAMES = List.of(
            "plain",
            "\"quoted\"",
            "two\nlines",
            "back\\slash\\n",
            "mlflow_up 1\n# HELP x",
            "a{b=\"c\"} 1",
            "🚲 bikes – Überfahrt",
            "</script><script>alert(1)</script>",
            " ",
            "${jndi:ldap://x}");

    private final ScriptedServer server = ScriptedServer.start().otherwise(this::answer);
    private final Map<String, ObjectNode> answers = new HashMap<>();

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer answer(Request request) {
        return json(answers.getOrDefault(request.endpoint(), JSON.createObjectNode())
                .toString());
    }

    private ArrayNode list(String endpoint, String name) {
        return answers.computeIfAbsent(endpoint, key -> JSON.createObjectNode()).withArray(name);
    }

    private void experiment(String id, String name) {
        list("experiments/search", "experiments")
                .addObject()
                .put("experiment_id", id)
                .put("name", name)
                .put("creation_time", 1_700_000_000_000L);
    }

    private void run(String id, String experiment, String name) {
        list("runs/search", "runs")
                .addObject()
                .putObject("info")
                .put("run_id", id)
                .put("experiment_id", experiment)
                .put("run_name", name)
                .put("user_id", name)
                .put("status", "FINISHED")
                .put("start_time", 1_700_000_000_000L)
                .put("end_time", 1_700_000_060_000L);
    }

    private void model(String name) {
        list("registered-models/search", "registered_models")
                .addObject()
                .put("name", name)
                .put("creation_timestamp", 1_700_000_000_000L)
                .putArray("aliases")
                .addObject()
                .put("alias", name)
                .put("version", "1");
        list("model-versions/search", "model_versions")
                .addObject()
                .put("name", name)
                .put("version", "1")
                .put("creation_timestamp", 1_700_000_000_000L);
    }

    private static Set<String> labels(List<Exposed> samples, String family, String label) {
        Set<String> values = new LinkedHashSet<>();
        samples.stream()
                .filter(sample -> sample.name().equals(family))
                .forEach(sample -> values.add(sample.labels().get(label)));
        return values;
    }

    @Test
    void namesComeBackFromTheTextAsTheyWere() throws Exception {
        for (int i = 0; i < NAMES.size(); i++) {
            experiment(Integer.toString(i), NAMES.get(i));
            run("r" + i, Integer.toString(i), NAMES.get(i));
            model(NAMES.get(i));
        }
        try (RefreshBench bench = new RefreshBench(server.uri(), Map.of())) {
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            String text = bench.scrape();
            List<Exposed> samples = Exposed.parse(text);

            assertThat(labels(samples, "mlflow_runs", "experiment")).containsExactlyInAnyOrderElementsOf(NAMES);
            assertThat(labels(samples, "mlflow_recent_run_info", "run_name"))
                    .containsExactlyInAnyOrderElementsOf(NAMES);
            assertThat(labels(samples, "mlflow_model_versions", "model")).containsExactlyInAnyOrderElementsOf(NAMES);
            assertThat(labels(samples, "mlflow_model_alias_info", "alias")).containsExactlyInAnyOrderElementsOf(NAMES);
            assertThat(samples.stream().filter(s -> s.name().equals("mlflow_up")))
                    .hasSize(1);
            assertThat(bench.problemsSaid()).isEmpty();
            Promtool.check(text);
        }
    }

    @Test
    void hugeNamesAreCutAndStayApart() throws Exception {
        String huge = "🚲".repeat(5_000);
        experiment("1", huge + "a");
        experiment("2", huge + "b");
        run("r1", "1", huge + "a");
        run("r2", "2", huge + "b");
        model(huge + "a");
        model(huge + "b");
        try (RefreshBench bench = new RefreshBench(server.uri(), Map.of())) {
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            String text = bench.scrape();

            for (Set<String> names : List.of(
                    labels(Exposed.parse(text), "mlflow_runs", "experiment"),
                    labels(Exposed.parse(text), "mlflow_registered_model_created_timestamp_seconds", "model"))) {
                assertThat(names)
                        .hasSize(2)
                        .allSatisfy(name -> assertThat(name.codePointCount(0, name.length()))
                                .isLessThanOrEqualTo(200));
            }
            Promtool.check(text);
        }
    }

    @Test
    void experimentsOfOneNameAreAddedUp() throws Exception {
        experiment("1", "same");
        experiment("2", "same");
        run("r1", "1", "a");
        run("r2", "2", "b");
        try (RefreshBench bench = new RefreshBench(server.uri(), Map.of())) {
            bench.refresh();

            assertThat(bench.value("mlflow_runs{experiment=\"same\",phase=\"other\",status=\"finished\"}"))
                    .isEqualTo("2.0");
            Promtool.check(bench.scrape());
        }
    }

    @Test
    void runsOfUnknownExperimentsAndVersionsOfUnknownModelsDoNoHarm() throws Exception {
        experiment("1", "known");
        run("r1", "1", "a");
        run("r2", "99", "b");
        run("r3", "", "c");
        list("model-versions/search", "model_versions")
                .addObject()
                .put("name", "gone")
                .put("version", "1");
        try (RefreshBench bench = new RefreshBench(server.uri(), Map.of())) {
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);

            assertThat(labels(Exposed.parse(bench.scrape()), "mlflow_runs", "experiment"))
                    .containsExactly("known");
            assertThat(bench.value("mlflow_exporter_catalog_entries{kind=\"runs\"}"))
                    .isEqualTo("1.0");
            Promtool.check(bench.scrape());
        }
    }

    @Test
    void filtersSelectExperimentsAndModels() throws Exception {
        for (String name : List.of("team-a", "team-b", "scratch")) {
            experiment(name, name);
            run("r-" + name, name, name);
            model(name);
        }
        Map<String, String> settings = Map.of(
                "read.experiments.include", "team-*",
                "read.experiments.exclude", "*-b",
                "read.models.exclude", "team-*");
        try (RefreshBench bench = new RefreshBench(server.uri(), settings)) {
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            List<Exposed> samples = Exposed.parse(bench.scrape());

            assertThat(labels(samples, "mlflow_runs", "experiment")).containsExactly("team-a");
            assertThat(labels(samples, "mlflow_model_versions", "model")).containsExactly("scratch");
            assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
            assertThat(server.requests())
                    .filteredOn(request -> request.endpoint().equals("runs/search"))
                    .allSatisfy(request -> assertThat(request.body()).doesNotContain("scratch", "team-b"));
        }
    }
}

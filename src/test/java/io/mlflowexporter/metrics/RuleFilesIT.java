package io.mlflowexporter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.metrics.RuleFiles.Rule;
import io.mlflowexporter.testing.Command;
import io.mlflowexporter.testing.RuleTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Prometheus and Alertmanager take what is shipped for them, and do with it what is said. */
final class RuleFilesIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path ALERTMANAGER = Path.of("deploy", "alertmanager", "alertmanager.yaml");
    private static final Path TEMPLATES = ALERTMANAGER.resolveSibling("templates");
    private static final String EVIL = "<img src=x onerror=alert(1)>";

    @TempDir
    private Path directory;

    static List<Path> ruleTests() {
        return RuleFiles.tests();
    }

    /** One of each kind of alert that routes can tell apart. */
    static Collection<Rule> kinds() {
        return RuleFiles.alerts().stream()
                .collect(Collectors.toMap(Rule::labels, alert -> alert, (one, other) -> one))
                .values();
    }

    @Test
    void promtoolTakesTheRules() {
        for (Path file : RuleFiles.files()) {
            Command.Result result = RuleTest.promtool("check", "rules", file.toString());
            assertThat(result.exit()).as(result.output()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("ruleTests")
    void theRulesOwnTestsPass(Path file) {
        Command.Result result = RuleTest.test(file);
        assertThat(result.exit()).as(result.output()).isZero();
    }

    @Test
    void theQueriesOfTheRunbooksCanBeAsked() throws IOException {
        ObjectNode file = JSON.createObjectNode();
        ObjectNode group = file.putArray("groups").addObject().put("name", "runbooks");
        ArrayNode rules = group.putArray("rules");
        for (String query : Runbooks.queries()) {
            rules.addObject().put("record", "query:" + rules.size()).put("expr", query);
        }
        assertThat(rules).hasSizeGreaterThan(100);
        Path written = Files.writeString(directory.resolve("queries.yaml"), file.toPrettyString());
        Command.Result result = RuleTest.promtool("check", "rules", written.toString());
        assertThat(result.exit()).as(result.output()).isZero();
    }

    @Test
    void alertmanagerTakesItsConfiguration() throws IOException {
        assertThat(amtool("check-config", ALERTMANAGER.toString())).contains("1 templates", "SUCCESS");
        // Secrets are in files.
        assertThat(Files.readString(ALERTMANAGER))
                .doesNotContainPattern("(?m)^\\s*-?\\s*\\w*(password|secret|token|routing_key|api_url|credentials):");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyAlertGoesToWhoAnswersForIt(Rule alert) {
        List<String> arguments = new ArrayList<>(
                List.of("config", "routes", "test", "--config.file=" + ALERTMANAGER, "alertname=" + alert.name()));
        alert.labels().forEach((name, value) -> arguments.add(name + "=" + value));
        String expected =
                switch (alert.labels().get("severity") + " " + alert.labels().get("topic")) {
                    case "info cost", "info latency", "info delivery", "info kpi", "info exporter" -> "nobody";
                    case "critical cost" -> "managers-now";
                    case "warning cost" -> "managers";
                    case "critical latency", "critical exporter" -> "on-call";
                    case "warning latency", "warning exporter" -> "on-call-chat";
                    default -> "ml-team";
                };
        assertThat(amtool(arguments.toArray(String[]::new)).lines().map(String::strip))
                .contains(expected);
    }

    @Test
    void alertsOfOthersAreLeftToThem() {
        assertThat(amtool(
                                "config",
                                "routes",
                                "test",
                                "--config.file=" + ALERTMANAGER,
                                "alertname=DiskFull",
                                "topic=cost")
                        .lines()
                        .map(String::strip))
                .contains("nobody");
    }

    private ObjectNode message(String status, String... experiments) {
        ObjectNode message =
                JSON.createObjectNode().put("status", status).put("externalURL", "http://alertmanager.example");
        ArrayNode alerts = message.putArray("alerts");
        ObjectNode labels = labels(message.putObject("commonLabels"));
        for (String experiment : experiments) {
            ObjectNode alert = alerts.addObject().put("status", status);
            labels(alert.putObject("labels")).put("experiment", experiment);
            annotations(alert.putObject("annotations"), experiment);
            alert.put("startsAt", "2026-03-10T08:00:00Z").put("endsAt", "2026-03-10T09:30:00Z");
        }
        ObjectNode common = message.putObject("commonAnnotations");
        if (experiments.length == 1) {
            labels.put("experiment", experiments[0]);
            annotations(common, experiments[0]);
        }
        return message;
    }

    private static ObjectNode labels(ObjectNode labels) {
        return labels.put("alertname", "MlflowWaste").put("severity", "warning").put("topic", "cost");
    }

    private static void annotations(ObjectNode annotations, String experiment) {
        annotations
                .put("summary", "Experiment " + experiment + " wastes")
                .put("description", "40% of " + experiment + ".")
                .put("dashboard", "Cost")
                .put("runbook_url", "https://runbooks.example/cost.md#mlflowwaste");
    }

    private String rendered(String template, String type, ObjectNode message) throws IOException {
        Path data = Files.writeString(directory.resolve("data.json"), message.toString());
        return amtool(
                        "template",
                        "render",
                        "--template.glob=" + TEMPLATES.resolve("*.tmpl"),
                        "--template.type=" + type,
                        "--template.data=" + data,
                        "--template.text={{ template \"" + template + "\" . }}")
                .strip();
    }

    @Test
    void aMessageSaysWhatHappenedAndWhereToReadOn() throws IOException {
        ObjectNode one = message("firing", "churn");
        assertThat(rendered("mlflow.title", "text", one)).isEqualTo("[WARNING] Experiment churn wastes");
        assertThat(rendered("mlflow.link", "text", one)).isEqualTo("https://runbooks.example/cost.md#mlflowwaste");
        assertThat(rendered("mlflow.color", "text", one)).isEqualTo("warning");
        assertThat(rendered("mlflow.text", "text", one)).isEqualTo("""
                - Experiment churn wastes
                  40% of churn.
                  Since 2026-03-10 08:00 UTC, dashboard: Cost
                  What to do: https://runbooks.example/cost.md#mlflowwaste""");
    }

    @Test
    void manyAlertsAreOneMessage() throws IOException {
        ObjectNode two = message("firing", "churn", "bikes");
        assertThat(rendered("mlflow.title", "text", two)).isEqualTo("[WARNING] MlflowWaste: 2 times");
        assertThat(rendered("mlflow.link", "text", two)).isEqualTo("http://alertmanager.example");
        assertThat(rendered("mlflow.text", "text", two)).contains("40% of churn.", "40% of bikes.");
    }

    @Test
    void theEndIsToldAsWell() throws IOException {
        ObjectNode over = message("resolved", "churn");
        assertThat(rendered("mlflow.title", "text", over)).isEqualTo("[OVER] Experiment churn wastes");
        assertThat(rendered("mlflow.color", "text", over)).isEqualTo("good");
        assertThat(rendered("mlflow.text", "text", over))
                .startsWith("Over:")
                .contains("Since 2026-03-10 08:00 UTC until 2026-03-10 09:30 UTC");
    }

    @Test
    void whatNamesHoldStaysTextInMail() throws IOException {
        assertThat(rendered("mlflow.html", "html", message("firing", EVIL)))
                .contains("&lt;img", "href=\"https://runbooks.example/cost.md#mlflowwaste\"", "</html>")
                .doesNotContain("<img");
    }

    private static String amtool(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Command.require("amtool").toString()));
        command.addAll(List.of(arguments));
        Command.Result result = Command.run(Duration.ofMinutes(1), "", command);
        assertThat(result.exit()).as(result.output()).isZero();
        return result.output();
    }

    /** So that a typing error in the configuration's receivers does not go by unseen. */
    @Test
    void allReceiversAreThereAndUseTheTemplates() throws IOException {
        Map<String, Object> configuration = RuleFiles.load(ALERTMANAGER);
        assertThat(RuleFiles.list(configuration, "receivers"))
                .extracting(receiver -> receiver.get("name"))
                .containsExactlyInAnyOrder("nobody", "managers", "managers-now", "on-call", "on-call-chat", "ml-team");
        String defined = Files.readString(TEMPLATES.resolve("mlflow.tmpl"));
        assertThat(Pattern.compile("template \"([a-z.]+)\"")
                        .matcher(Files.readString(ALERTMANAGER))
                        .results()
                        .map(found -> found.group(1)))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(defined).contains("define \"" + name + "\""));
    }
}

package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The estimate page in a browser, filled in and computed, and the command against the same demo. */
final class EstimateIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @TempDir
    private static Path directory;

    private static Browser browser;
    private static PageLook look;
    private static ExporterJar jar;

    @BeforeAll
    static void start() throws IOException {
        jar = ExporterJar.demo("demo-for-estimate", "--seed", "7");
        browser = Browser.start(Files.createDirectory(directory.resolve("profile")));
        look = new PageLook(browser);
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        jar.close();
    }

    private static String set(String name, int index, String value) {
        return "document.getElementsByName('" + name + "')[" + index + "].value = '" + value + "';";
    }

    @Test
    void theFormIsFilledInAndComputed() throws IOException {
        URI address = jar.web("/estimate");
        for (String scheme : List.of("light", "dark")) {
            for (boolean phone : new boolean[] {false, true}) {
                look.show(address, scheme, phone, "estimate-empty");
                browser.follow(set("resource", 0, "m5.xlarge") + set("count", 0, "2") + set("hours", 0, "8")
                        + set("resource", 1, "gpu-node/gpu:A100") + set("hours", 1, "2.5")
                        + set("runs", 0, "40") + set("overhead_share", 0, "0.1")
                        + set("experiment", 0, "bikes") + set("phase", 0, "training")
                        + "document.querySelector('button').click()");
                look.check(address, scheme, phone, "estimate");

                assertThat(look.texts("#answer h2"))
                        .startsWith("Total", "Compute", "Overheads", "Next run of bikes", "KPIs of bikes");
                // 8 × 2 × 40 × 0.19 × 0.86 and 2.5 × 40 × 2.9 × 0.86.
                assertThat(look.texts("#answer tbody td")).contains("104.58 EUR", "249.40 EUR", "training, duration");
                assertThat(look.texts(".tiles dd").get(0)).isEqualTo("353.98 EUR");
                assertThat(browser.evaluate("document.getElementsByName('runs')[0].value")
                                .asText())
                        .isEqualTo("40");
            }
        }
    }

    @Test
    void aBadQuestionIsToldAndMayBeMended() throws IOException {
        look.window("light", true);
        browser.open(jar.web("/estimate"));
        browser.follow(set("experiment", 0, "bikez<script>") + "document.querySelector('button').click()");

        assertThat(look.texts(".problem li"))
                .singleElement()
                .asString()
                .contains("there is no \"bikez<script>\"", "\"bikes\"");
        assertThat(browser.evaluate("document.getElementsByName('experiment')[0].value")
                        .asText())
                .isEqualTo("bikez<script>");
        assertThat(HttpGet.get(jar.web("/estimate?experiment=bikez")).status()).isEqualTo(400);
    }

    @Test
    void aWrongNameIsToldWhatThereIsWhoeverIsAsked() throws IOException {
        assertThat(refused("--exporter", jar.web("/").toString(), "--model", "bike_demand"))
                .startsWith("model: there is no \"bike_demand\"; there are, among others: \"");
        for (String[] asked : List.of(
                new String[] {"--exporter", jar.web("/").toString()},
                new String[] {"--mlflow.tracking-uri", jar.mlflow().toString()})) {
            assertThat(refused(asked[0], asked[1], "--experiment", "bikez"))
                    .startsWith("experiment: there is no \"bikez\"; there are, among others: \"bikes\"");
            assertThat(refused(asked[0], asked[1], "--experiment", "bikes", "--workspace", "red"))
                    .isEqualTo("workspace: there is no \"red\", as MLflow has no workspaces\n");
        }
    }

    private static String refused(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("estimate"));
        all.addAll(List.of(arguments));
        Command.Result result = Command.run(LIMIT, "", ExporterJar.commandLine(all));
        assertThat(result.exit()).as(result.output()).isEqualTo(2);
        return result.output();
    }

    @Test
    void statusAndEstimateLeadToEachOther() throws IOException {
        look.window("light", false);
        browser.open(jar.web("/?reload=off"));
        browser.follow("document.querySelector('nav a').click()");
        assertThat(look.texts("h1")).containsExactly("Estimate");
        browser.follow("document.querySelector('nav a').click()");
        assertThat(look.texts("h1")).containsExactly("mlflow-exporter");
    }

    private static JsonNode run(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("estimate", "--experiment", "bikes", "--phase", "training"));
        all.addAll(List.of("--output", "json", "--at", "2026-03-01"));
        all.addAll(List.of(arguments));
        Command.Result result = Command.run(LIMIT, "", ExporterJar.commandLine(all));
        assertThat(result.exit()).as(result.output()).isZero();
        return HttpGet.JSON.readTree(result.output());
    }

    @Test
    void theCommandReadsMlflowByItselfAndComesToTheSame() throws IOException {
        Path book = Files.writeString(directory.resolve("book.yaml"), """
                currency: EUR
                resources:
                  - name: node
                    prices: [{per_hour: 1}]
                default_uses: [{resource: node}]
                """);
        Path config = Files.writeString(directory.resolve("c.yaml"), "cost: {file: " + book + "}\n");
        JsonNode own = run(
                "--config",
                config.toString(),
                "--mlflow.tracking-uri",
                jar.mlflow().toString());
        JsonNode asked = run("--exporter", jar.web("/").toString());

        JsonNode ownPhase = own.at("/expectation/phases/0");
        JsonNode askedPhase = asked.at("/expectation/phases/0");
        assertThat(ownPhase.path("basis").path("runs").asInt()).isGreaterThan(10);
        for (String same : List.of("phase", "basis", "duration_seconds")) {
            assertThat(ownPhase.path(same)).as(same).isEqualTo(askedPhase.path(same));
        }
        // At 1 euro an hour the cost is the duration in hours.
        assertThat(ownPhase.at("/costs/0/per_run/median").asDouble())
                .isCloseTo(
                        ownPhase.at("/duration_seconds/median").asDouble() / 3600,
                        org.assertj.core.api.Assertions.within(1e-9));
        assertThat(asked.path("deployments").size()).isPositive();
    }
}

package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.tracking.MlflowClient;

/** The status page as a browser shows it; what it looked like is left in {@code target/screenshots}. */
final class StatusPageIT {
    private static final String HOSTILE =
            "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp; \uD83D\uDEB2 \u202Edne";
    private static final String LONG = "long-" + "x".repeat(480);

    @TempDir
    private static Path profile;

    private static Browser browser;
    private static PageLook look;
    private static ExporterJar jar;

    @BeforeAll
    static void start() throws IOException {
        jar = ExporterJar.demo("demo-for-browser", "--seed", "7");
        browser = Browser.start(profile);
        look = new PageLook(browser);
        HttpGet.get(jar.metrics("/metrics"));
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        jar.close();
    }

    @Test
    void theDemoIsReadableOnDesktopAndPhoneInLightAndDark() throws IOException {
        for (String scheme : List.of("light", "dark")) {
            for (boolean phone : new boolean[] {false, true}) {
                look.show(jar.web("/"), scheme, phone, "demo");
                assertThat(look.texts("h1")).containsExactly("mlflow-exporter");
                assertThat(look.texts("h2"))
                        .contains(
                                "Biggest experiments by runs",
                                "Biggest experiments by hours",
                                "Data anomalies",
                                "MLflow and exporter",
                                "Series by family",
                                "Configuration in force")
                        .doesNotContain("Left out");
                assertThat(look.texts(".banner strong")).containsExactly("Serving");
                assertThat(look.texts(".tiles dt"))
                        .contains("Data age", "Runs", "Experiments", "Model versions", "Series", "Scrapes");
                assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor === 'rgb(244, 246, 249)'")
                                .asBoolean())
                        .as("light background, " + scheme)
                        .isEqualTo(scheme.equals("light"));
            }
        }
    }

    @Test
    void aReaderMayStopTheReloading() throws IOException {
        browser.open(jar.web("/"));
        assertThat(browser.evaluate("document.querySelectorAll('meta[http-equiv=refresh]').length")
                        .asInt())
                .isEqualTo(1);
        browser.open(jar.web("/?reload=off"));
        assertThat(browser.evaluate("document.querySelectorAll('meta[http-equiv=refresh]').length")
                        .asInt())
                .isZero();
    }

    @Test
    void namesAreShownAsTextWhateverTheyHold() throws IOException {
        try (ExporterJar hostile = ExporterJar.demo("demo-hostile", "--seed", "7", "--interval", "1s")) {
            MlflowClient client = new MlflowClient(hostile.mlflow().toString());
            for (String name : List.of(HOSTILE, LONG)) {
                String experiment = client.createExperiment(name);
                for (int run = 0; run < 20; run++) {
                    client.createRun(experiment);
                }
            }
            client.close();
            Await.until(
                    "the names on the page",
                    Duration.ofMinutes(1),
                    () -> HttpGet.get(hostile.web("/")).text(),
                    text -> text.contains("&lt;script&gt;") && text.contains("long-xxx"));
            for (boolean phone : new boolean[] {false, true}) {
                look.show(hostile.web("/"), "light", phone, "hostile");
                // What would turn the direction of writing is a blank.
                assertThat(look.texts(".name"))
                        .contains(HOSTILE.replace('\u202e', ' '))
                        .anyMatch(name -> name.startsWith("long-xxx"));
                assertThat(browser.evaluate("document.querySelectorAll('script, img, main [onerror]').length")
                                .asInt())
                        .isZero();
            }
        }
    }

    @Test
    void whatIsWrongStandsAtTheTop() throws IOException {
        try (ExporterJar lost =
                ExporterJar.start("serve-for-browser", "serve", "--mlflow.tracking-uri", "http://127.0.0.1:1")) {
            Await.until(
                    "the problem on the page",
                    Duration.ofMinutes(1),
                    () -> HttpGet.get(lost.web("/")).text(),
                    text -> text.contains("cannot be read"));
            for (String scheme : List.of("light", "dark")) {
                look.show(lost.web("/"), scheme, false, "unreachable");
                assertThat(look.texts(".banner strong")).containsExactly("Not serving MLflow’s data");
                assertThat(look.texts(".problem h2"))
                        .containsExactly("Experiments and runs cannot be read", "Registered models cannot be read");
            }
        }
    }
}

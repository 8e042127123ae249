package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.tracking.MlflowClient;

/** The status page as a browser shows it; what it looked like is left in {@code target/screenshots}. */
final class StatusPageIT {
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final String HOSTILE =
            "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp; \uD83D\uDEB2 \u202Edne";
    private static final String LONG = "long-" + "x".repeat(480);

    /** The least contrast of text that WCAG 2 asks for at level AA. */
    private static final double LEAST_CONTRAST = 4.5;

    /** Each text that is seen, with its contrast to the nearest background behind it. */
    private static final String CONTRASTS = """
            (() => {
              const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => v / 255)
                  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
              const behind = e => { for (; e; e = e.parentElement) {
                  const c = getComputedStyle(e).backgroundColor;
                  if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
              const found = [];
              const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walk.nextNode()) {
                const text = walk.currentNode, e = text.parentElement;
                if (!text.data.trim() || !e.getClientRects().length) continue;
                const a = light(getComputedStyle(e).color), b = light(behind(e));
                found.push({text: text.data.slice(0, 40),
                    contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)});
              }
              return found; })()
            """;

    /** Elements whose content is wider than they are, or that stick out of the window. */
    private static final String TOO_WIDE = """
            [...document.querySelectorAll('body *')]
              .filter(e => !e.closest('.unseen') && e.getClientRects().length)
              .filter(e => e.getBoundingClientRect().right > innerWidth + 1
                  || (getComputedStyle(e).display !== 'inline' && e.scrollWidth > e.clientWidth + 1))
              .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 40))
            """;

    @TempDir
    private static Path profile;

    private static Browser browser;
    private static ExporterJar jar;

    @BeforeAll
    static void start() throws IOException {
        jar = ExporterJar.demo("demo-for-browser", "--seed", "7");
        browser = Browser.start(profile);
        Http.get(jar.metrics("/metrics"));
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
                show(jar.web("/"), scheme, phone, "demo");
                assertThat(texts("h1")).containsExactly("mlflow-exporter");
                assertThat(texts("h2"))
                        .contains(
                                "Biggest experiments by runs",
                                "Biggest experiments by hours",
                                "Runs whose data cannot be true",
                                "MLflow and exporter",
                                "Series by family",
                                "Configuration in force")
                        .doesNotContain("Left out");
                assertThat(texts(".banner strong")).containsExactly("Serving");
                assertThat(texts(".tiles dt"))
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
                    () -> Http.get(hostile.web("/")).text(),
                    text -> text.contains("&lt;script&gt;") && text.contains("long-xxx"));
            for (boolean phone : new boolean[] {false, true}) {
                show(hostile.web("/"), "light", phone, "hostile");
                assertThat(texts(".name")).contains(HOSTILE).anyMatch(name -> name.startsWith("long-xxx"));
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
                    () -> Http.get(lost.web("/")).text(),
                    text -> text.contains("cannot be read"));
            for (String scheme : List.of("light", "dark")) {
                show(lost.web("/"), scheme, false, "unreachable");
                assertThat(texts(".banner strong")).containsExactly("Not serving MLflow’s data");
                assertThat(texts(".problem h2"))
                        .containsExactly("Experiments and runs cannot be read", "Registered models cannot be read");
            }
        }
    }

    /** Opens the page, saves what is seen, and checks what holds of every page in every form. */
    private static void show(URI address, String scheme, boolean phone, String name) throws IOException {
        browser.window(phone ? 360 : 1280, phone ? 740 : 900, phone);
        browser.colorScheme(scheme);
        browser.open(address);
        String file = name + (phone ? "-phone-" : "-desktop-") + scheme;
        browser.screenshot(SCREENSHOTS.resolve(file + ".png"), true);
        assertFits(file);
        browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)");
        browser.screenshot(SCREENSHOTS.resolve(file + "-unfolded.png"), true);
        assertFits(file + ", unfolded");
        List<String> faint = new ArrayList<>();
        for (JsonNode text : browser.evaluate(CONTRASTS)) {
            if (text.path("contrast").asDouble() < LEAST_CONTRAST) {
                faint.add(text.toString());
            }
        }
        assertThat(faint).as("text of low contrast, " + file).isEmpty();
        assertThat(browser.complaints()).as("console, " + file).isEmpty();
        assertThat(browser.requests())
                .as("requests, " + file)
                .isNotEmpty()
                .allMatch(request -> "data".equals(request.getScheme())
                        || address.getAuthority().equals(request.getAuthority()));
    }

    private static void assertFits(String what) throws IOException {
        assertThat(browser.evaluate("document.documentElement.scrollWidth - innerWidth")
                        .asInt())
                .as("pixels to scroll sideways, " + what)
                .isNotPositive();
        assertThat(browser.evaluate(TOO_WIDE)).as("too wide, " + what).isEmpty();
    }

    private static List<String> texts(String selector) throws IOException {
        List<String> texts = new ArrayList<>();
        browser.evaluate("[...document.querySelectorAll('" + selector + "')].map(e => e.textContent)")
                .forEach(text -> texts.add(text.asText()));
        return texts;
    }
}

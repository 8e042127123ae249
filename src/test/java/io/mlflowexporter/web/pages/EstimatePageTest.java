package io.mlflowexporter.web.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the page says; how it looks is for the browser's test. */
final class EstimatePageTest {
    private static final String HOSTILE = "\"><script>alert(1)</script>";

    private static String page(Map<String, List<String>> asked, List<String> problems) {
        return new EstimatePage(asked, List.of("gpu", HOSTILE), List.of(HOSTILE)).write(Optional.empty(), problems);
    }

    @Test
    void whatWasAskedStandsInTheForm() {
        String page = page(Map.of("resource", List.of("gpu"), "hours", List.of("8"), "runs", List.of("40")), List.of());

        assertThat(page)
                .contains("<option value=\"gpu\" selected>")
                .contains("aria-label=\"Hours 1\" inputmode=\"decimal\" size=\"5\" placeholder=\"\" value=\"8\"")
                .contains("name=\"runs\" inputmode=\"numeric\" pattern=\"[0-9]+\" value=\"40\"")
                .contains("<a href=\"/api/v1/estimate?");
    }

    @Test
    void nothingIsMarkupWhateverIsAsked() {
        for (String name : List.of("resource", "count", "hours", "runs", "at", "experiment", "phase", HOSTILE)) {
            String page = page(Map.of(name, List.of(HOSTILE)), List.of("resource: there is no " + HOSTILE));

            assertThat(page).as(name).doesNotContain("<script").contains("&quot;&gt;&lt;script&gt;alert(1)");
        }
    }

    @Test
    void anAbsurdNumberOfRowsIsCut() {
        String page = page(Map.of("resource", java.util.Collections.nCopies(5_000, "gpu")), List.of("too many"));

        assertThat(page.split("<select", -1)).hasSizeLessThan(30);
    }
}

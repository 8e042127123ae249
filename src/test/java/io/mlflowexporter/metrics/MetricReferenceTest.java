package io.mlflowexporter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.metric.FamilyDeclaration;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/metrics.md} to the declarations it is generated from. */
final class MetricReferenceTest {
    private static final Path REFERENCE = Path.of("docs/metrics.md");

    @Test
    void referenceIsFresh() throws Exception {
        String fresh = MetricReference.markdown(Scrape.take(false));
        if (Boolean.getBoolean("regenerate")) {
            Files.writeString(REFERENCE, fresh);
        }
        assertThat(REFERENCE)
                .as("stale; run: mvn -q test -Dtest=MetricReferenceTest -Dregenerate=true")
                .usingCharset(StandardCharsets.UTF_8)
                .hasContent(fresh);
    }

    @Test
    void everyLabelIsExplained() {
        assertThat(MetricReference.LABELS.keySet())
                .containsExactlyInAnyOrderElementsOf(MetricCatalogue.families().stream()
                        .map(FamilyDeclaration::labels)
                        .flatMap(java.util.List::stream)
                        .distinct()
                        .toList());
    }
}

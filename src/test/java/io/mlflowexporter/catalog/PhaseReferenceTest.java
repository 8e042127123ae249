package io.mlflowexporter.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.RunsConfig.PhaseRule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/phases.md} to the rules it is generated from. */
final class PhaseReferenceTest {
    private static final Path REFERENCE = Path.of("docs/phases.md");

    @Test
    void referenceIsFresh() throws IOException {
        String fresh = PhaseReference.markdown();
        if (Boolean.getBoolean("regenerate")) {
            Files.writeString(REFERENCE, fresh);
        }
        assertThat(REFERENCE)
                .as("stale; run: mvn -q test -Dtest=PhaseReferenceTest -Dregenerate=true")
                .usingCharset(StandardCharsets.UTF_8)
                .hasContent(fresh);
    }

    @Test
    void aRuleLooksAtOneTagOrAtTheName() {
        assertThat(PhaseRules.defaults())
                .allMatch(rule -> rule.experiment().isEmpty())
                .allMatch(rule -> rule.tags().size() + (rule.runName().isEmpty() ? 0 : 1) == 1)
                .extracting(PhaseRule::phase)
                .allMatch(phase -> phase.matches("[a-z]+"));
    }
}

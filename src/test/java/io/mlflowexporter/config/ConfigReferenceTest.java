package io.mlflowexporter.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.settings.SettingsSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/configuration.md} to the declarations it is generated from. */
final class ConfigReferenceTest {
    private static final Path REFERENCE = Path.of("docs/configuration.md");

    @Test
    void referenceIsFresh() throws IOException {
        String fresh = ConfigReference.markdown();
        if (Boolean.getBoolean("regenerate")) {
            Files.writeString(REFERENCE, fresh);
        }
        assertThat(REFERENCE)
                .as("stale; run: mvn -q test -Dtest=ConfigReferenceTest -Dregenerate=true")
                .usingCharset(StandardCharsets.UTF_8)
                .hasContent(fresh);
    }

    @Test
    void everySettingHasAVariableOfItsOwn() {
        List<String> variables = ConfigLoader.SCHEMA.leaves().stream()
                .map(SettingsSchema.Leaf::variable)
                .toList();
        assertThat(variables).doesNotHaveDuplicates();
    }

    @Test
    void noSecretHasAFlag() {
        assertThat(ConfigLoader.SCHEMA.leaves())
                .filteredOn(leaf -> leaf.setting().secret())
                .isNotEmpty()
                .noneMatch(leaf -> Flags.BY_SETTING.containsKey(leaf.path()));
    }

    @Test
    void everyFlagIsForASettingThatTextCanSet() {
        List<String> textual = ConfigLoader.SCHEMA.leaves().stream()
                .filter(SettingsSchema.Leaf::isTextual)
                .map(SettingsSchema.Leaf::path)
                .toList();
        assertThat(textual).containsAll(Flags.BY_SETTING.keySet());
    }
}

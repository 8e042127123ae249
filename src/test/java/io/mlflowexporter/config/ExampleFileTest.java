package io.mlflowexporter.config;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.SettingsSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds {@code docs/config.example.yaml} to what it says of itself. */
final class ExampleFileTest {
    private static final Path EXAMPLE = Path.of("docs/config.example.yaml");
    /** A setting that is commented out; prose has a blank after its #. */
    private static final Pattern OFF = Pattern.compile("( *)#( *(?:- )?[a-z][a-z0-9_.]*:.*)");

    @TempDir
    private Path directory;

    @Test
    void whatItSetsIsTheDefault() throws SettingsException {
        LoadedConfig loaded = ConfigLoader.load(Optional.of(EXAMPLE), Map.of(), Map.of());

        assertThat(loaded.config()).isEqualTo(ConfigLoader.defaults());
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void showsEverySetting() throws IOException, SettingsException {
        List<String> set = new ArrayList<>();
        LoadedConfig.Entry[] entries = ConfigLoader.load(Optional.of(EXAMPLE), Map.of(), Map.of())
                .entries()
                .toArray(LoadedConfig.Entry[]::new);
        for (LoadedConfig.Entry entry : entries) {
            if (!entry.source().equals("default")) {
                set.add(entry.path());
            }
        }
        for (List<Integer> block : blocks()) {
            set.addAll(given(load(block)));
        }
        assertThat(set)
                .containsAll(ConfigLoader.SCHEMA.leaves().stream()
                        .map(SettingsSchema.Leaf::path)
                        .toList());
    }

    private static List<String> given(LoadedConfig loaded) {
        return loaded.entries().stream()
                .filter(entry -> !entry.source().equals("default"))
                .map(LoadedConfig.Entry::path)
                .toList();
    }

    /** Each run of lines that are commented out together. */
    private static List<List<Integer>> blocks() throws IOException {
        List<String> lines = Files.readAllLines(EXAMPLE);
        List<List<Integer>> blocks = new ArrayList<>();
        IntStream.range(0, lines.size())
                .filter(i -> OFF.matcher(lines.get(i)).matches())
                .forEach(i -> {
                    List<Integer> last = blocks.isEmpty() ? List.of() : blocks.get(blocks.size() - 1);
                    if (!last.contains(i - 1)) {
                        last = new ArrayList<>();
                        blocks.add(last);
                    }
                    last.add(i);
                });
        assertThat(blocks).hasSizeGreaterThan(10);
        return blocks;
    }

    /** Loads the example with these lines switched on and the files they name in place. */
    private LoadedConfig load(List<Integer> block) throws IOException, SettingsException {
        List<String> lines = new ArrayList<>(Files.readAllLines(EXAMPLE));
        block.forEach(i -> lines.set(i, OFF.matcher(lines.get(i)).replaceFirst("$1$2")));
        Path file = directory.resolve("config.yaml");
        Files.write(file, lines);
        Files.createDirectories(directory.resolve("certs"));
        for (String name : List.of("ca.pem", "client.pem", "client-key.pem")) {
            Files.writeString(directory.resolve("certs").resolve(name), "");
        }
        for (String name : List.of("web.yaml", "web-metrics.yaml", "web-people.yaml", "otlp-headers")) {
            Files.writeString(directory.resolve(name), "{}");
        }
        Files.copy(Path.of("docs/cost-book.example.yaml"), directory.resolve("cost-book.yaml"), REPLACE_EXISTING);
        Files.copy(Path.of("docs/kpis.example.yaml"), directory.resolve("kpis.yaml"), REPLACE_EXISTING);
        return ConfigLoader.load(Optional.of(file), Map.of(), Map.of());
    }
}

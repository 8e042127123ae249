package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.metric.FamilyDeclaration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Executes docs/cost-model.md: under each heading, yaml blocks are cost books, csv blocks are runs, and prometheus blocks
 * begin with the time and go on with lines that a scrape must show.
 */
final class CostModelDocTest {
    private static final Path DOCUMENT = Path.of("docs/cost-model.md");
    private static final Pattern SECTION = Pattern.compile("(?ms)^## ([^\n]+)\n(.*?)(?=^## |\\z)");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(yaml|csv|prometheus)\n(.*?)^```$");
    private static final Pattern AS_OF = Pattern.compile("# As of (\\S+)");

    @TempDir
    private Path directory;

    @TestFactory
    Stream<DynamicTest> everyExampleIsTrue() throws IOException {
        Matcher section = SECTION.matcher(Files.readString(DOCUMENT));
        List<DynamicTest> tests = new ArrayList<>();
        while (section.find()) {
            String title = section.group(1);
            String body = section.group(2);
            if (body.contains("```prometheus")) {
                tests.add(DynamicTest.dynamicTest(title, () -> execute(body)));
            }
        }
        assertThat(tests).hasSizeGreaterThan(10);
        return tests.stream();
    }

    private void execute(String body) {
        Scenario scenario = new Scenario(directory);
        Matcher block = BLOCK.matcher(body);
        while (block.find()) {
            switch (block.group(1)) {
                case "yaml" -> scenario.book(block.group(2));
                case "csv" -> scenario.runs(block.group(2));
                default -> {
                    Matcher asOf = AS_OF.matcher(block.group(2));
                    assertThat(asOf.lookingAt())
                            .as("the first line says when: %s", block.group(2))
                            .isTrue();
                    scenario.at(asOf.group(1)).shows(block.group(2));
                }
            }
        }
    }

    @Test
    void everyFamilyIsExplained() throws IOException {
        String document = Files.readString(DOCUMENT);

        List<FamilyDeclaration> families = new ArrayList<>(Ledger.declarations());
        families.addAll(Ledger.bookDeclarations());
        assertThat(families).allSatisfy(family -> assertThat(document).contains(family.name()));
    }
}

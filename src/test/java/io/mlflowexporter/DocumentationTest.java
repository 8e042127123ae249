package io.mlflowexporter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents point to is there. */
final class DocumentationTest {
    private static final Pattern LINK = Pattern.compile("(?<!!)\\[[^]]*]\\(([^)#:]+)(?:#[^)]*)?\\)");

    static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs"));
                Stream<Path> deploy = Files.walk(Path.of("deploy"))) {
            return Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
                                    .map(Path::of),
                            Stream.concat(docs, deploy)
                                    .filter(path -> path.toString().endsWith(".md")))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksLeadSomewhere(Path document) throws IOException {
        Path directory = document.toAbsolutePath().getParent();
        assertThat(LINK.matcher(Files.readString(document)).results().map(match -> match.group(1)))
                .allSatisfy(target ->
                        assertThat(directory.resolve(target)).as(target).exists());
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyDecisionIsInTheIndex(Path document) throws IOException {
        if (document.startsWith("docs/decisions") && !document.endsWith("README.md")) {
            assertThat(Files.readString(Path.of("docs/decisions/README.md")))
                    .contains("(" + document.getFileName() + ")");
        }
    }
}

package io.mlflowexporter.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What people read when an alert wakes them. */
final class Runbooks {
    static final Path DIRECTORY = Path.of("docs", "runbooks");

    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern SECTION = Pattern.compile("(?ms)^## (.+?)$(.*?)(?=^## |\\z)");
    private static final Pattern QUERIES = Pattern.compile("(?ms)^```promql\n(.*?)^```$");

    /** A section of a file, by its heading. */
    record Section(Path file, String heading, String text) {}

    private Runbooks() {}

    static List<Path> files() {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Section> sections(Path file) {
        return SECTION.matcher(read(file))
                .results()
                .map(found -> new Section(file, found.group(1), found.group(2)))
                .toList();
    }

    /** What may stand after the # of a link to the file, as the usual renderers make it of headings. */
    static List<String> anchors(Path file) {
        return HEADING.matcher(read(file))
                .results()
                .map(found -> found.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    /** All queries, each on a line of its own in the files. */
    static List<String> queries() {
        return files().stream()
                .flatMap(file -> QUERIES.matcher(read(file)).results())
                .map(MatchResult::group)
                .flatMap(String::lines)
                .filter(line -> !line.startsWith("```"))
                .toList();
    }
}

package io.mlflowexporter.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads a file into YAML nodes, which know their lines. No value is ever constructed from a tag, and what a hostile
 * file could cost is limited: its size, its depth and its aliases.
 */
public final class YamlFile {
    private static final int LARGEST_BYTES = 1 << 20;
    private static final int DEEPEST = 50;
    private static final int MOST_ALIASES = 50;

    private final Path path;
    private final String name;
    private final Problems problems;

    private YamlFile(Path path, Problems problems) {
        this.path = path;
        this.name = path.toString();
        this.problems = problems;
    }

    /**
     * As {@link #read}, for a file that is read again while the exporter runs, and therefore must not be a pipe.
     *
     * @param empty the problem of a file with nothing in it
     */
    public static Optional<Node> reread(Path path, String empty, Problems problems) {
        YamlFile file = new YamlFile(path, problems);
        if (FileChecks.neverFile(path)) {
            return file.failed(0, FileChecks.NOT_REGULAR.strip());
        }
        int before = problems.errorCount();
        Optional<Node> root = read(path, problems);
        return root.isEmpty() && problems.errorCount() == before ? file.failed(0, empty) : root;
    }

    /** The document's root; empty when there is nothing in the file or a problem was added. */
    public static Optional<Node> read(Path path, Problems problems) {
        YamlFile file = new YamlFile(path, problems);
        return file.bytes().flatMap(file::text).flatMap(file::compose);
    }

    private Optional<byte[]> bytes() {
        if (Files.isDirectory(path)) {
            return failed(0, "is a directory, not a file");
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(LARGEST_BYTES + 1);
            return bytes.length > LARGEST_BYTES
                    ? failed(0, "is larger than 1MiB, which no configuration needs")
                    : Optional.of(bytes);
        } catch (NoSuchFileException e) {
            return failed(0, "no such file");
        } catch (AccessDeniedException e) {
            return failed(0, "cannot be read: permission denied");
        } catch (IOException e) {
            return failed(0, "cannot be read: " + e.getMessage());
        }
    }

    private Optional<String> text(byte[] bytes) {
        CharBuffer chars = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes), chars, true);
        String text = chars.flip().toString();
        if (result.isError()) {
            return failed(line(text, text.length()), "is not UTF-8 text");
        }
        return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
    }

    private Optional<Node> compose(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(LARGEST_BYTES);
        options.setNestingDepthLimit(DEEPEST);
        options.setMaxAliasesForCollections(MOST_ALIASES);
        StreamReader reader = new StreamReader(new StringReader(text));
        Composer composer = new Composer(new ParserImpl(reader, options), new Resolver(), options);
        try {
            return Optional.ofNullable(composer.getSingleNode());
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
            return failed(mark == null ? 0 : mark.getLine() + 1, YamlProblem.of(e));
        } catch (ReaderException e) {
            return failed(
                    line(
                            text,
                            text.offsetByCodePoints(
                                    0, Math.min(e.getPosition(), text.codePointCount(0, text.length())))),
                    String.format("holds the character U+%04X, which YAML does not allow", e.getCodePoint()));
        } catch (NumberFormatException e) {
            // SnakeYAML reads the digits of an escape without asking whether the text ends before them.
            return failed(
                    reader.getLine() + 1, "not valid YAML: an escape such as `\\x41` is cut off by the file's end");
        } catch (YAMLException e) {
            return failed(0, "nests deeper than " + DEEPEST + " levels or uses more than " + MOST_ALIASES + " aliases");
        }
    }

    private static int line(String text, int end) {
        return 1 + (int) text.chars().limit(end).filter(c -> c == '\n').count();
    }

    private <T> Optional<T> failed(int line, String message) {
        problems.error(Origin.file(name, line), "", message);
        return Optional.empty();
    }
}

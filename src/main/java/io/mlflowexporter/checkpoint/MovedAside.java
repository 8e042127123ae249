package io.mlflowexporter.checkpoint;

import io.mlflowexporter.checkpoint.fields.BadCheckpointException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where checkpoints lie that are not used: beside their file, the newest few of them. */
final class MovedAside {
    /** Enough to look at what happened; a full disk is a reason for damage, and must not be made fuller. */
    static final int KEPT = 3;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final Path file;
    private final Pattern names;

    MovedAside(Path file) {
        this.file = file;
        this.names = Pattern.compile(
                Pattern.quote(file.getFileName().toString()) + "\\.(?:corrupt|foreign|future|large)-([0-9T.]+Z)");
    }

    /** Renames the file; removes the oldest ones set aside before. */
    Path take(Kind kind, Instant now) throws IOException {
        Path kept = file.resolveSibling(file.getFileName() + "." + kind.word() + "-" + TIME.format(now));
        new Disk().replace(file, kept);
        List<Path> all;
        try (Stream<Path> beside = Files.list(file.toAbsolutePath().getParent())) {
            all = beside.filter(
                            path -> names.matcher(path.getFileName().toString()).matches())
                    .sorted(Comparator.comparing(this::time).reversed())
                    .toList();
        }
        for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
            Files.deleteIfExists(old);
        }
        return kept;
    }

    private String time(Path path) {
        return names.matcher(path.getFileName().toString()).replaceFirst("$1");
    }
}

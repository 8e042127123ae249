package io.mlflowexporter.cli;

import io.mlflowexporter.backfill.BackfillTimes;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/** Where the command's text goes: standard output, a file, or a file for each piece. */
final class BackfillOutput {
    private static final String STANDARD = "-";
    private static final DateTimeFormatter IN_NAMES =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final String output;
    private final boolean split;
    private final List<Path> files = new ArrayList<>();

    BackfillOutput(String output, boolean split) {
        this.output = output;
        this.split = split;
    }

    OutputStream open(BackfillTimes piece) throws IOException {
        if (output.equals(STANDARD)) {
            return new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
        }
        Path file = split ? named(Path.of(output), IN_NAMES.format(piece.from())) : Path.of(output);
        OutputStream out = NamedFile.open(file);
        files.add(file);
        return out;
    }

    /** The time goes before the name's last dot. */
    private static Path named(Path file, String time) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length();
        return file.resolveSibling(name.substring(0, dot) + '-' + time + name.substring(dot));
    }

    /** What was written, for people. */
    String written() {
        return switch (files.size()) {
            case 0 -> "standard output";
            case 1 -> files.get(0).toString();
            default -> files.size() + " files, " + files.get(0) + " to " + files.get(files.size() - 1);
        };
    }
}

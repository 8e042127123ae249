package io.mlflowexporter.settings;

import io.mlflowexporter.settings.value.Quoted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether files that settings name are there. */
public final class FileChecks {
    public static final String NOT_REGULAR =
            " is not a regular file; a pipe or a device cannot be read again, name a file on disk";

    private FileChecks() {}

    /** A file without which nothing can start. */
    public static void required(String path, Optional<Path> file, Origin origin, Problems problems) {
        complaint(file).ifPresent(complaint -> problems.error(origin, path, complaint));
    }

    /** A file that is read again and again, and so may come later. */
    public static void awaited(String path, Optional<Path> file, Origin origin, Problems problems) {
        if (file.filter(FileChecks::neverFile).isPresent()) {
            required(path, file, origin, problems);
        } else {
            complaint(file).ifPresent(complaint -> problems.warning(origin, path, complaint));
        }
    }

    /** A pipe, a socket or a device: it can be read once at most, and to wait for its content may take forever. */
    public static boolean neverFile(Path path) {
        return Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
    }

    /** A file that is made; a disk that is full or read-only is not this check's matter, and no reason not to start. */
    public static void writable(String path, Path file, Origin origin, Problems problems) {
        Path directory = file.toAbsolutePath().getParent();
        String shown = Quoted.shown(file.toString());
        if (Files.isDirectory(file) || directory == null) {
            problems.error(origin, path, shown + " is a directory, not a file");
        } else if (!Files.isDirectory(directory)) {
            problems.error(
                    origin,
                    path,
                    shown + ": there is no directory " + Quoted.shown(directory.toString()) + "; make it");
        } else if (!Files.isWritable(directory)) {
            problems.warning(
                    origin,
                    path,
                    "nothing can be written to " + Quoted.shown(directory.toString()) + ": permission denied");
        }
    }

    private static Optional<String> complaint(Optional<Path> file) {
        return file.flatMap(path -> {
            String shown = Quoted.shown(path.toString());
            if (!Files.exists(path)) {
                return Optional.of(shown + ": no such file");
            }
            if (Files.isDirectory(path)) {
                return Optional.of(shown + " is a directory, not a file");
            }
            if (neverFile(path)) {
                return Optional.of(shown + NOT_REGULAR);
            }
            return Files.isReadable(path)
                    ? Optional.empty()
                    : Optional.of(shown + " cannot be read: permission denied");
        });
    }
}

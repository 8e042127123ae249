package io.mlflowexporter.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether files that settings name are there. */
final class FileChecks {
    private FileChecks() {}

    /** A file without which nothing can start. */
    static void required(String path, Optional<Path> file, Origin origin, Problems problems) {
        complaint(file).ifPresent(complaint -> problems.error(origin, path, complaint));
    }

    /** A file that is read again and again, and so may come later. */
    static void awaited(String path, Optional<Path> file, Origin origin, Problems problems) {
        complaint(file).ifPresent(complaint -> problems.warning(origin, path, complaint));
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
            return Files.isReadable(path)
                    ? Optional.empty()
                    : Optional.of(shown + " cannot be read: permission denied");
        });
    }
}

package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.tls.SmallFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** Reads secrets out of files, without the white space around them. */
final class SecretFile {
    private static final int LONGEST_BYTES = 64 << 10;

    private SecretFile() {}

    /** The value, else the file's content; empty where both are. */
    static Optional<String> either(Optional<String> value, Optional<Path> file, String what) throws MlflowException {
        return value.isPresent() || file.isEmpty() ? value : Optional.of(read(file.get(), what));
    }

    /**
     * The file's content.
     *
     * @param what what it is, such as {@code password}
     * @throws MlflowException if it cannot be read, naming the file
     */
    static String read(Path file, String what) throws MlflowException {
        try {
            return new String(SmallFiles.read(file, LONGEST_BYTES), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new MlflowException(
                    MlflowException.Kind.UNAUTHORIZED,
                    "cannot read the " + what + " from " + file + ": "
                            + e.getClass().getSimpleName() + "; check that the file is there and readable",
                    e);
        }
    }
}

package io.mlflowexporter.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that the user named, to be written. */
final class NamedFile {
    private NamedFile() {}

    /**
     * Opens it.
     *
     * @throws IOException if it cannot be written, with a line for the user
     */
    static OutputStream open(Path file) throws IOException {
        try {
            return new BufferedOutputStream(Files.newOutputStream(file));
        } catch (IOException e) {
            // Its message is no more than the file's name.
            throw new IOException("cannot write " + file + " (" + e.getClass().getSimpleName() + ")", e);
        }
    }
}

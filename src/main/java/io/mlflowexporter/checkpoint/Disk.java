package io.mlflowexporter.checkpoint;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** The steps by which a file is replaced, so that tests can fail each of them. */
class Disk {
    /** A new file that only its owner may read, in place of any other of this name. */
    OutputStream create(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, ownerOnly());
        // Not a channel: an interrupt, which stops the exporter, would close it.
        return new FileOutputStream(file.toFile());
    }

    /** Returns once what was written would survive a power cut. */
    void sync(OutputStream file) throws IOException {
        if (file instanceof FileOutputStream stream) {
            stream.getFD().sync();
        }
    }

    /** In one step: whoever opens the target finds the old or the new file, whole. */
    void replace(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Returns once the names in it would survive a power cut. */
    void syncDirectory(Path directory) throws IOException {
        if (!posix()) {
            // Windows opens no directories, and needs no such step.
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static FileAttribute<?>[] ownerOnly() {
        return posix()
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean posix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }
}

package io.mlflowexporter.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds others off. It lies on a file beside the checkpoint, since the checkpoint itself is replaced; the system lets go
 * of it when the process ends, however it ends.
 */
final class FileLocking implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileLocking.class);

    private final Path file;
    private Optional<FileChannel> channel = Optional.empty();

    /** Another process has it. */
    static final class InUseException extends IOException {
        private static final long serialVersionUID = 1L;

        InUseException(Path file) {
            super("checkpoint " + file
                    + " is in use by another exporter; give each its own checkpoint.file, or stop the" + " other one");
        }
    }

    FileLocking(Path file) {
        this.file = file;
    }

    /** Whether this process may change the checkpoint. */
    boolean held() {
        return channel.isPresent();
    }

    /**
     * Takes it, if it is not held yet.
     *
     * @throws InUseException if another process has it
     * @throws IOException if its file cannot be opened: then nothing is known of others
     */
    void take() throws IOException {
        if (held()) {
            return;
        }
        Path beside = file.resolveSibling(file.getFileName() + ".lock");
        FileChannel opened;
        try {
            opened = FileChannel.open(
                    beside, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), Disk.ownerOnly());
        } catch (IOException e) {
            throw new IOException("cannot open " + beside.getFileName() + ": " + CheckpointFile.reason(e), e);
        }
        try {
            if (opened.tryLock() != null) {
                channel = Optional.of(opened);
                return;
            }
        } catch (OverlappingFileLockException e) {
            // This process has it.
        } catch (IOException e) {
            LOG.warn(
                    "Checkpoint {} is not locked, as the file system cannot: {}; see that no other exporter uses it",
                    file,
                    CheckpointFile.reason(e));
            channel = Optional.of(opened);
            return;
        }
        opened.close();
        throw new InUseException(file);
    }

    @Override
    public void close() throws IOException {
        if (channel.isPresent()) {
            channel.get().close();
        }
    }
}

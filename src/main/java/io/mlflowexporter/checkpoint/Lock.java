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
final class Lock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lock.class);

    private final Optional<FileChannel> channel;

    private Lock(Optional<FileChannel> channel) {
        this.channel = channel;
    }

    static Lock take(Path file) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".lock");
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    beside, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), Disk.ownerOnly());
        } catch (IOException e) {
            // Where no file can be made, no checkpoint can be written, and there is nothing to hold others off from.
            return new Lock(Optional.empty());
        }
        try {
            if (channel.tryLock() != null) {
                return new Lock(Optional.of(channel));
            }
        } catch (OverlappingFileLockException e) {
            // This process has it.
        } catch (IOException e) {
            LOG.warn(
                    "Checkpoint {} is not locked, as the file system cannot: {}; see that no other exporter uses it",
                    file,
                    CheckpointFile.reason(e));
            channel.close();
            return new Lock(Optional.empty());
        }
        channel.close();
        throw new IOException("checkpoint " + file + " is in use by another exporter; give each its own"
                + " checkpoint.file, or stop the other one");
    }

    @Override
    public void close() throws IOException {
        if (channel.isPresent()) {
            channel.get().close();
        }
    }
}

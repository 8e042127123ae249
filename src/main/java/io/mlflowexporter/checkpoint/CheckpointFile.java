package io.mlflowexporter.checkpoint;

import io.mlflowexporter.checkpoint.fields.BadCheckpointException;
import io.mlflowexporter.checkpoint.fields.BadCheckpointException.Kind;
import io.mlflowexporter.checkpoint.fields.FieldMemory;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.Section;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file an exporter goes on from after a restart. Replaced as a whole, so that at every moment, power cuts included,
 * the old or the new one is there. What cannot be gone on from is set aside; what cannot be written is told once and
 * counted. For one thread at a time; {@link #state} may be asked by any.
 */
public final class CheckpointFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointFile.class);

    private final Path file;
    private final CheckpointIdentity identity;
    private final String exporter;
    private final InstantSource clock;
    private final Disk disk;
    private final MovedAside aside;
    private final FileLocking lock;
    /** Bytes of memory that what is read may take. */
    private final long room;

    private volatile State state = new State(Optional.empty(), 0, 0, Optional.empty());

    /**
     * How it stands.
     *
     * @param writtenAt when the file there was written, by this process or one before it
     * @param bytes its size, 0 where there is none
     * @param failures writes that failed since the start
     * @param problem why the last write failed, one line; empty where it did not
     */
    public record State(Optional<Instant> writtenAt, long bytes, long failures, Optional<String> problem) {}

    /** Takes what a checkpoint holds. */
    public interface Reader {
        /**
         * A section; what is not read of it is skipped.
         *
         * @throws IOException if it cannot be true: the checkpoint is then set aside as damaged
         */
        void section(String name, FieldReader in) throws IOException;
    }

    private CheckpointFile(
            Path file,
            CheckpointIdentity identity,
            String exporter,
            InstantSource clock,
            Disk disk,
            FileLocking lock,
            long room) {
        this.file = file;
        this.identity = identity;
        this.exporter = exporter;
        this.clock = clock;
        this.disk = disk;
        this.lock = lock;
        this.room = room;
        this.aside = new MovedAside(file);
    }

    /**
     * Takes the file for this process. A file that cannot be written is found out, and told, at the first write.
     *
     * @param exporter version of this program
     * @throws IOException if another process has it, with a line for the user
     */
    public static CheckpointFile open(Path file, CheckpointIdentity identity, String exporter, InstantSource clock)
            throws IOException {
        return open(file, identity, exporter, clock, new Disk(), FieldMemory.inHeap());
    }

    static CheckpointFile open(
            Path file, CheckpointIdentity identity, String exporter, InstantSource clock, Disk disk, long room)
            throws IOException {
        FileLocking lock = new FileLocking(file);
        try {
            lock.take();
        } catch (FileLocking.InUseException e) {
            throw e;
        } catch (IOException e) {
            // It is tried again at each write, which fails for as long as it is not held.
            LOG.debug("no lock", e);
        }
        return new CheckpointFile(file, identity, exporter, clock, disk, lock, room);
    }

    /** Where it is. */
    public Path path() {
        return file;
    }

    /** How it stands now. */
    public State state() {
        return state;
    }

    /**
     * Reads it, if there is one. On false the reader may have been told a part, which is not to be used.
     *
     * @return whether everything was read
     */
    public boolean read(Reader reader) {
        return read(reader, true);
    }

    /** Reads its first section, otherwise as {@link #read(Reader)}; the whole file's checksum was right. */
    public boolean readFirst(Reader reader) {
        return read(reader, false);
    }

    private boolean read(Reader reader, boolean all) {
        if (!Files.exists(file)) {
            return false;
        }
        try {
            if (Container.check(file) == FormatTwo.VERSION) {
                upgrade();
            }
            Instant[] writtenAt = {Instant.EPOCH};
            Container.read(file, new FieldMemory(room), new Container.Reader() {
                @Override
                public void head(Container.Head head) throws IOException {
                    if (!head.identity().equals(identity)) {
                        throw new BadCheckpointException(
                                Kind.FOREIGN, "it is of " + identity.differsFrom(head.identity()));
                    }
                    writtenAt[0] = head.writtenAt();
                }

                @Override
                public boolean section(String name, FieldReader in) throws IOException {
                    reader.section(name, in);
                    return all;
                }
            });
            state = new State(Optional.of(writtenAt[0]), Files.size(file), 0, Optional.empty());
            return true;
        } catch (BadCheckpointException e) {
            setAside(e.kind(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            setAside(Kind.CORRUPT, reason(e));
        } catch (RuntimeException e) {
            // Sums were right, so this is a mistake of ours; the exporter still has to start.
            LOG.debug("internal error", e);
            setAside(Kind.CORRUPT, "internal error, please report it: " + e);
        }
        return false;
    }

    /** A file of the format before becomes one of this format, in one step as each write. */
    private void upgrade() throws IOException {
        try {
            lock.take();
            replace(out -> FormatTwo.convert(file, out));
        } catch (BadCheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("it is of format " + FormatTwo.VERSION + " and cannot be converted: " + reason(e), e);
        }
        LOG.info("Checkpoint {} is converted from format {} to {}", file, FormatTwo.VERSION, Container.VERSION);
    }

    /** Sets a checkpoint aside that was read whole and turned out to be of another server. */
    public void foreign(String why) {
        setAside(Kind.FOREIGN, why);
    }

    /** Sets a checkpoint aside that was read whole and cannot be gone on from. */
    public void unusable(String why) {
        setAside(Kind.CORRUPT, why);
    }

    private void setAside(Kind kind, String why) {
        state = new State(Optional.empty(), 0, state.failures(), state.problem());
        String name = file.getFileName().toString();
        try {
            lock.take();
            Path kept = aside.take(kind, clock.instant());
            LOG.warn(
                    "Checkpoint {} is not used, as {}; moved to {}, counters start with what MLflow holds",
                    name,
                    why,
                    kept.getFileName());
        } catch (IOException e) {
            LOG.warn(
                    "Checkpoint {} is not used, as {}; not moved aside: {}; counters start with what MLflow holds",
                    name,
                    why,
                    reason(e));
        }
    }

    /**
     * Replaces it. Failures are told and counted, not thrown.
     *
     * @return whether it was written
     */
    public boolean write(Map<String, Section> sections) {
        // An interrupt asks the refresh thread to stop, which is just when this must not be cut short.
        boolean interrupted = Thread.interrupted();
        try {
            lock.take();
            Instant now = clock.instant();
            Container.Head head = new Container.Head(exporter, identity, now);
            replace(out -> Container.write(out, head, sections));
            if (state.problem().isPresent()) {
                LOG.info("Checkpoint {} is written again", file);
            }
            state = new State(Optional.of(now), Files.size(file), state.failures(), Optional.empty());
            return true;
        } catch (IOException e) {
            failed(reason(e));
        } catch (RuntimeException e) {
            LOG.debug("internal error", e);
            failed("internal error, please report it: " + e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return false;
    }

    private interface Content {
        void write(OutputStream out) throws IOException;
    }

    private void replace(Content content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
        try (OutputStream out = disk.create(fresh)) {
            content.write(out);
            disk.sync(out);
        } catch (IOException e) {
            // Half a checkpoint is of no use, and may be what fills the disk.
            Files.deleteIfExists(fresh);
            throw e;
        }
        disk.replace(fresh, file);
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            disk.syncDirectory(directory);
        }
    }

    private void failed(String why) {
        if (!state.problem().equals(Optional.of(why))) {
            LOG.warn(
                    "Checkpoint {} cannot be written: {}; what is read is kept in memory only; said once until it"
                            + " changes",
                    file,
                    why);
        }
        state = new State(state.writtenAt(), state.bytes(), state.failures() + 1, Optional.of(why));
    }

    /** What the system said, without the path, which is told already. */
    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException missing) {
            return "no such file or directory: " + missing.getFile();
        }
        if (e instanceof FileSystemException system && system.getReason() != null) {
            return system.getReason();
        }
        String message = e instanceof FileSystemException ? null : e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    /** Lets another process have it. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}

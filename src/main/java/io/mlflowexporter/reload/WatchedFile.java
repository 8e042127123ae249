package io.mlflowexporter.reload;

import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file in force. It and the files it names are looked at when they are needed, at most once a second, and read again when
 * one has changed. What cannot be used leaves the old one in force. Safe for use by any number of threads; one of them reads,
 * the others go on with what there is.
 *
 * @param <T> what is made of it
 */
public final class WatchedFile<T> {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
    private static final long BETWEEN_LOOKS = Duration.ofSeconds(1).toNanos();
    /** What failed may become right by a file that is not known here: one that the new text names. */
    private static final long BETWEEN_TRIES = Duration.ofSeconds(30).toNanos();

    private final FileKind kind;
    private final ReloadSource<T> source;
    private final Reloads reloads;
    private final ReentrantLock reading = new ReentrantLock();
    private final List<Runnable> listeners = new ArrayList<>();
    private volatile T current;
    private volatile long lastLook;
    private OptionalLong failedAt = OptionalLong.empty();
    private List<FileStamp> stamps;
    private List<Problem> told = List.of();

    /** Begins with what was read already. */
    public WatchedFile(FileKind kind, T first, ReloadSource<T> source, Reloads reloads) {
        this.kind = kind;
        this.source = source;
        this.reloads = reloads;
        this.current = first;
        this.stamps = stamps(source.files(first));
        this.lastLook = reloads.nanos();
        reloads.add(this);
    }

    /** What is in force, without looking. */
    public T last() {
        return current;
    }

    /** What is in force, no older than a second. */
    public T current() {
        long now = reloads.nanos();
        if (now - lastLook >= BETWEEN_LOOKS && reading.tryLock()) {
            try {
                lastLook = now;
                look(now);
            } finally {
                reading.unlock();
            }
        }
        return current;
    }

    /** Has something done at once and whenever another version is in force. */
    public void onChange(Runnable action) {
        reading.lock();
        try {
            listeners.add(action);
            action.run();
        } finally {
            reading.unlock();
        }
    }

    /** Reads it again, changed or not, and says what came of it. */
    ReloadAnswer reload() {
        reading.lock();
        try {
            long now = reloads.nanos();
            lastLook = now;
            told = List.of();
            List<Problem> problems = read(now, stamps(source.files(current)));
            return problems.isEmpty()
                    ? new ReloadAnswer(true, "reloaded " + file() + ": " + source.summary(current))
                    : new ReloadAnswer(
                            false,
                            problems.stream().map(Problem::toString).collect(Collectors.joining("\n"))
                                    + "\nnot reloaded; what was read before stays in force");
        } finally {
            reading.unlock();
        }
    }

    private void look(long now) {
        List<FileStamp> fresh = stamps(source.files(current));
        boolean again = failedAt.isPresent() && now - failedAt.getAsLong() >= BETWEEN_TRIES;
        if (!fresh.equals(stamps) || again) {
            read(now, fresh);
        }
    }

    /** Empty if what was read is in force. */
    private List<Problem> read(long now, List<FileStamp> before) {
        // Taken before reading: a file that changes meanwhile is read once more.
        stamps = before;
        try {
            T next = source.read();
            Optional<String> refusal = source.refusal(current, next);
            if (refusal.isPresent()) {
                return failed(now, List.of(problem(refusal.get())));
            }
            stamps = source.files(next).equals(source.files(current)) ? before : stamps(source.files(next));
            current = next;
            failedAt = OptionalLong.empty();
            told = List.of();
            reloads.done(this, kind);
            source.warnings(next).forEach(warning -> LOG.warn("{}", warning));
            LOG.info("Reloaded {}: {}", file(), source.summary(next));
            listeners.forEach(Runnable::run);
            return List.of();
        } catch (SettingsException e) {
            return failed(now, e.problems());
        } catch (IOException | GeneralSecurityException e) {
            return failed(now, List.of(problem("cannot be used: " + e.getMessage())));
        } catch (RuntimeException e) {
            LOG.debug("internal error", e);
            return failed(now, List.of(problem("cannot be used: " + e)));
        }
    }

    private List<Problem> failed(long now, List<Problem> problems) {
        failedAt = OptionalLong.of(now);
        if (!problems.equals(told)) {
            told = problems;
            reloads.failed(this, kind);
            problems.forEach(problem -> LOG.error("{}", problem));
            LOG.error("{} was not reloaded; what was read before stays in force", file());
        }
        return problems;
    }

    private Problem problem(String message) {
        return new Problem(file().toString(), "", message);
    }

    private Path file() {
        return source.files(current).get(0);
    }

    private static List<FileStamp> stamps(List<Path> files) {
        return files.stream().map(FileStamp::of).toList();
    }
}

package io.mlflowexporter.web.access;

import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.tls.FileStamp;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A web configuration file in force. It and the files it names are looked at when a connection or a request needs them,
 * at most once a second, and read again when one has changed. What cannot be used leaves the old one in force. Safe for
 * use by any number of threads; one of them reads, the others go on with what there is.
 */
final class WebFileWatch {
    private static final Logger LOG = LoggerFactory.getLogger(WebFileWatch.class);
    private static final long BETWEEN_LOOKS = Duration.ofSeconds(1).toNanos();
    /** What failed may become right by a file that is not known here: one that the new text names. */
    private static final long BETWEEN_TRIES = Duration.ofSeconds(30).toNanos();

    /**
     * A file and what was made of it.
     *
     * @param context empty: plain HTTP
     */
    record Secured(LoadedWebFile file, Optional<SSLContext> context) {}

    private final Path file;
    private final AccessMetrics metrics;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final ReentrantLock looking = new ReentrantLock();
    private final List<Runnable> listeners = new ArrayList<>();
    private volatile Secured current;
    private volatile long lastLook;
    private OptionalLong failedAt = OptionalLong.empty();
    private List<FileStamp> stamps;
    private List<Problem> told = List.of();

    /**
     * Begins with what was loaded with the configuration.
     *
     * @param clock by which certificates are out of date
     * @param nanos monotonic, by which it is time to look: a clock set back must not keep a removed user for hours
     * @throws IOException if this Java cannot use the certificates, with a line for the user
     */
    WebFileWatch(LoadedWebFile loaded, AccessMetrics metrics, InstantSource clock, LongSupplier nanos)
            throws IOException {
        this.file = loaded.file();
        this.metrics = metrics;
        this.clock = clock;
        this.stamps = stamps(loaded.files());
        this.nanos = nanos;
        this.lastLook = nanos.getAsLong();
        try {
            this.current = secured(loaded);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": cannot be used for TLS: " + e.getMessage(), e);
        }
    }

    private static Secured secured(LoadedWebFile loaded) throws IOException, GeneralSecurityException {
        return new Secured(
                loaded, loaded.tls().isPresent() ? Optional.of(ServerContexts.context(loaded)) : Optional.empty());
    }

    /** Has something done at once and whenever another file is in force. */
    void onChange(Runnable action) {
        looking.lock();
        try {
            listeners.add(action);
            action.run();
        } finally {
            looking.unlock();
        }
    }

    /** What is in force, without looking. */
    Secured last() {
        return current;
    }

    /** What is in force, no older than a second. */
    Secured current() {
        long now = nanos.getAsLong();
        if (now - lastLook >= BETWEEN_LOOKS && looking.tryLock()) {
            try {
                lastLook = now;
                look(now);
            } finally {
                looking.unlock();
            }
        }
        return current;
    }

    private void look(long now) {
        List<FileStamp> fresh = stamps(current.file().files());
        boolean again = failedAt.isPresent() && now - failedAt.getAsLong() >= BETWEEN_TRIES;
        if (fresh.equals(stamps) && !again) {
            return;
        }
        // Taken before reading: a file that changes meanwhile is read once more.
        stamps = fresh;
        try {
            LoadedWebFile loaded = WebFileLoader.load(file, clock);
            Optional<String> lost = current.file().lostBy(loaded);
            if (lost.isPresent()) {
                failed(now, List.of(problem(lost.get())));
                return;
            }
            Secured secured = secured(loaded);
            stamps = loaded.files().equals(current.file().files()) ? fresh : stamps(loaded.files());
            current = secured;
            failedAt = OptionalLong.empty();
            told = List.of();
            metrics.reloaded(true);
            loaded.warnings().forEach(warning -> LOG.warn("{}", warning));
            LOG.info("Reloaded {}: {}", file, loaded.summary());
            listeners.forEach(Runnable::run);
        } catch (SettingsException e) {
            failed(now, e.problems());
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            failed(now, List.of(problem("cannot be used: " + e)));
        }
    }

    private Problem problem(String message) {
        return new Problem(file.toString(), "", message);
    }

    private void failed(long now, List<Problem> problems) {
        failedAt = OptionalLong.of(now);
        if (problems.equals(told)) {
            return;
        }
        told = problems;
        metrics.reloaded(false);
        problems.forEach(problem -> LOG.error("{}", problem));
        LOG.error("{} was not reloaded; what was read before stays in force", file);
    }

    private static List<FileStamp> stamps(List<Path> files) {
        return files.stream().map(FileStamp::of).toList();
    }
}

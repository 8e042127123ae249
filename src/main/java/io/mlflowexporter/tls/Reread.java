package io.mlflowexporter.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was made of files, made anew when one of them has changed. Files that cannot be used leave what there was in
 * force, which is logged once. Safe for use by any number of threads.
 */
final class Reread<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Reread.class);

    /** Makes it of the files as they are now. */
    interface Reading<T> {
        T read() throws IOException, GeneralSecurityException;
    }

    private final List<Path> files;
    private final Reading<T> reading;
    private List<FileStamp> stamps;
    private volatile T current;

    /** Reads for the first time. */
    Reread(List<Path> files, Reading<T> reading) throws IOException, GeneralSecurityException {
        this.files = List.copyOf(files);
        this.reading = reading;
        this.stamps = stamps();
        this.current = reading.read();
    }

    /** As it was when it was last looked at. */
    T last() {
        return current;
    }

    /** As the files are now. */
    synchronized T now() {
        // Taken before reading: a file that changes meanwhile is read once more.
        List<FileStamp> fresh = stamps();
        if (!fresh.equals(stamps)) {
            stamps = fresh;
            try {
                current = reading.read();
                LOG.info("Reread {}", files);
            } catch (IOException | GeneralSecurityException | RuntimeException e) {
                LOG.warn("{}; what was read before stays in force", message(e));
            }
        }
        return current;
    }

    private List<FileStamp> stamps() {
        return files.stream().map(FileStamp::of).toList();
    }

    private String message(Exception e) {
        return "Cannot use " + files + ": " + e.getMessage();
    }
}

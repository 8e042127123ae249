package io.mlflowexporter.reload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Optional;

/**
 * What tells that a file has changed.
 *
 * @param changed empty where the file cannot be looked at
 * @param key which file it is: another one may have been put in its place
 */
record FileStamp(Path file, Optional<Instant> changed, long size, String key) {
    /** As it is now. */
    static FileStamp of(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileStamp(
                    file,
                    Optional.of(attributes.lastModifiedTime().toInstant()),
                    attributes.size(),
                    String.valueOf(attributes.fileKey()));
        } catch (IOException e) {
            return new FileStamp(file, Optional.empty(), 0, "");
        }
    }
}

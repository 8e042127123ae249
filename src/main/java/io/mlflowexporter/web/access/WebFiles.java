package io.mlflowexporter.web.access;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What secures the listeners; the same object where it is the same file.
 *
 * @param metrics empty: plain HTTP
 * @param web empty: plain HTTP
 */
public record WebFiles(Optional<LoadedWebFile> metrics, Optional<LoadedWebFile> web) {
    /** Neither is secured. */
    public static final WebFiles NONE = new WebFiles(Optional.empty(), Optional.empty());

    /** Each file once. */
    public List<LoadedWebFile> all() {
        return Stream.concat(metrics.stream(), web.stream()).distinct().toList();
    }
}

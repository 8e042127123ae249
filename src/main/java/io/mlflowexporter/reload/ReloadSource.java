package io.mlflowexporter.reload;

import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;

/**
 * How one file is read, and what is to be said of it.
 *
 * @param <T> what is made of it
 */
public interface ReloadSource<T> {
    /** Reads and checks everything. */
    T read() throws SettingsException, IOException, GeneralSecurityException;

    /** All files it was made of, the one that settings name first. */
    List<Path> files(T read);

    /** What is in it, for people. */
    String summary(T read);

    /** What is allowed but doubtful. */
    default List<Problem> warnings(T read) {
        return List.of();
    }

    /** Why it cannot take the place of what is in force; empty: it can. */
    default Optional<String> refusal(T inForce, T next) {
        return Optional.empty();
    }
}

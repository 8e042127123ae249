package io.mlflowexporter.web.access;

import io.mlflowexporter.reload.FileKind;
import io.mlflowexporter.reload.ReloadSource;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.reload.WatchedFile;
import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * A web configuration file that is read again, with the certificates it names.
 *
 * @param clock by which certificates are out of date
 */
record WebFileSource(Path path, InstantSource clock) implements ReloadSource<WebFileSource.Secured> {
    /**
     * A file and what was made of it.
     *
     * @param context empty: plain HTTP
     */
    record Secured(LoadedWebFile file, Optional<SSLContext> context) {
        private static Secured of(LoadedWebFile loaded) throws IOException, GeneralSecurityException {
            return new Secured(
                    loaded, loaded.tls().isPresent() ? Optional.of(ServerContexts.context(loaded)) : Optional.empty());
        }
    }

    /**
     * Begins with what was loaded with the configuration.
     *
     * @throws IOException if this Java cannot use the certificates, with a line for the user
     */
    static WatchedFile<Secured> watch(LoadedWebFile loaded, InstantSource clock, Reloads reloads) throws IOException {
        try {
            return new WatchedFile<>(
                    FileKind.WEB, Secured.of(loaded), new WebFileSource(loaded.file(), clock), reloads);
        } catch (GeneralSecurityException e) {
            throw new IOException(loaded.file() + ": cannot be used for TLS: " + e.getMessage(), e);
        }
    }

    @Override
    public Secured read() throws SettingsException, IOException, GeneralSecurityException {
        return Secured.of(WebFileLoader.load(path, clock));
    }

    @Override
    public List<Path> files(Secured read) {
        return read.file().files();
    }

    @Override
    public String summary(Secured read) {
        return read.file().summary();
    }

    @Override
    public List<Problem> warnings(Secured read) {
        return read.file().warnings();
    }

    @Override
    public Optional<String> refusal(Secured inForce, Secured next) {
        return inForce.file().lostBy(next.file());
    }
}

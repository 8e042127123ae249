package io.mlflowexporter.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A web configuration file that passed every check.
 *
 * @param file where it was read
 * @param tls empty: plain HTTP
 * @param warnings what is allowed but doubtful
 */
public record LoadedWebFile(Path file, WebFile config, Optional<TlsMaterial> tls, List<Problem> warnings) {
    public LoadedWebFile {
        warnings = List.copyOf(warnings);
    }

    /** All files it was made from. */
    public List<Path> files() {
        return Stream.concat(Stream.of(file), referenced(config.tlsServerConfig()))
                .toList();
    }

    private static Stream<Path> referenced(WebFile.TlsServer tls) {
        return Stream.of(tls.certFile(), tls.keyFile(), tls.clientCaFile()).flatMap(Optional::stream);
    }

    /** What it comes to, for people. */
    public String summary() {
        String clients = config.tlsServerConfig().clientAuthType().required() ? " with client certificates" : "";
        int users = config.basicAuthUsers().size();
        return (tls.isPresent() ? "TLS" + clients : "no TLS") + ", "
                + (users == 0 ? "no users" : users + (users == 1 ? " user" : " users"));
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return "LoadedWebFile[" + file + ": " + summary() + "]";
    }
}

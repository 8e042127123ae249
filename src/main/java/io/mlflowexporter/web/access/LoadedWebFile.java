package io.mlflowexporter.web.access;

import io.mlflowexporter.settings.Problem;
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

    /**
     * What a reload may not take away: a file that is cut off by a full disk, or written in two steps, must not open a
     * listener that asked for something before.
     *
     * @return why another file cannot replace this one while the exporter runs; empty: it can
     */
    public Optional<String> lostBy(LoadedWebFile next) {
        WebFile.TlsServer before = config.tlsServerConfig();
        WebFile.TlsServer after = next.config.tlsServerConfig();
        if (next.tls.isPresent() != tls.isPresent()) {
            return Optional.of("switching TLS on or off needs a restart");
        }
        if (!config.basicAuthUsers().isEmpty() && next.config.basicAuthUsers().isEmpty()) {
            return Optional.of("basic_auth_users has gone: letting everyone in needs a restart");
        }
        if ((before.clientAuthType().required() && !after.clientAuthType().required())
                || (before.clientAuthType().verified()
                        && !after.clientAuthType().verified())) {
            return Optional.of("client_auth_type asks for less than before: letting in clients without a certificate"
                    + " needs a restart");
        }
        if (!before.clientAllowedSans().isEmpty() && after.clientAllowedSans().isEmpty()) {
            return Optional.of("client_allowed_sans has gone: letting in every name needs a restart");
        }
        // What is older than TLS 1.2 is not spoken, whatever is set.
        if (before.minVersion().compareTo(WebFile.TlsVersion.TLS12) > 0
                && after.minVersion().compareTo(before.minVersion()) < 0) {
            return Optional.of("min_version is older than before: speaking " + after.minVersion() + " needs a restart");
        }
        boolean unused = after.minVersion().compareTo(WebFile.TlsVersion.TLS12) > 0;
        return before.cipherSuites().isEmpty() || !after.cipherSuites().isEmpty() || unused
                ? Optional.empty()
                : Optional.of("cipher_suites has gone: offering Java's own needs a restart");
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

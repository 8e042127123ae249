package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.config.MlflowConfig;
import io.mlflowexporter.mlflow.MlflowException;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;
import org.mlflow.tracking.creds.MlflowHostCreds;
import org.mlflow.tracking.creds.MlflowHostCredsProvider;

/** Makes the Authorization header from credentials, which are asked for anew for each request: files may change. */
final class Authorization {
    private static final long LONGEST_SECRET_BYTES = 64 << 10;

    /** Credentials at the time of asking; null fields for what there is not. */
    private interface Source {
        MlflowHostCreds read() throws MlflowException;
    }

    private final Source source;

    private Authorization(Source source) {
        this.source = source;
    }

    /** Credentials of the configuration, else those in the address. */
    static Authorization of(MlflowConfig.Credentials auth, URI address) {
        String host = address.toString();
        boolean none = auth.username().isEmpty()
                && auth.password().isEmpty()
                && auth.passwordFile().isEmpty()
                && auth.token().isEmpty()
                && auth.tokenFile().isEmpty();
        if (none && address.getRawUserInfo() != null) {
            String[] parts = address.getRawUserInfo().split(":", 2);
            MlflowHostCreds creds =
                    new BasicMlflowHostCreds(host, decoded(parts[0]), parts.length > 1 ? decoded(parts[1]) : "");
            return new Authorization(() -> creds);
        }
        return new Authorization(() -> {
            Optional<String> password = secret(auth.password(), auth.passwordFile(), "password");
            Optional<String> token = secret(auth.token(), auth.tokenFile(), "token");
            return new BasicMlflowHostCreds(
                    host, auth.username().orElse(null), password.orElse(null), token.orElse(null), false);
        });
    }

    /** Credentials of one of mlflow-client's providers, which reads its file anew each time it is told to. */
    static Authorization of(MlflowHostCredsProvider provider) {
        return new Authorization(() -> {
            try {
                provider.refresh();
                return provider.getHostCreds();
            } catch (RuntimeException e) {
                // The providers throw unchecked exceptions only, for a missing file as for a missing profile.
                throw new MlflowException(
                        MlflowException.Kind.UNAUTHORIZED,
                        "cannot use the Databricks profile",
                        OneLine.of(String.valueOf(e.getMessage())),
                        e);
            }
        });
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static Optional<String> secret(Optional<String> value, Optional<Path> file, String what)
            throws MlflowException {
        if (value.isPresent() || file.isEmpty()) {
            return value;
        }
        try {
            if (Files.size(file.get()) > LONGEST_SECRET_BYTES) {
                throw new IOException("larger than 64 KiB");
            }
            return Optional.of(Files.readString(file.get()).strip());
        } catch (IOException e) {
            throw new MlflowException(
                    MlflowException.Kind.UNAUTHORIZED,
                    "cannot read the " + what + " from " + file.get() + ": "
                            + e.getClass().getSimpleName() + "; check that the file is there and readable",
                    e);
        }
    }

    /** The header's value, empty for none. */
    Optional<String> header() throws MlflowException {
        MlflowHostCreds creds = source.read();
        if (creds.getToken() != null && !creds.getToken().isEmpty()) {
            return Optional.of("Bearer " + creds.getToken());
        }
        if (creds.getUsername() != null) {
            String pair = creds.getUsername() + ":" + (creds.getPassword() == null ? "" : creds.getPassword());
            return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        return Optional.empty();
    }
}

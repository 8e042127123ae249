package io.mlflowexporter.mlflow.connection;

import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.WebAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** OAuth2 with client credentials (RFC 6749, 4.4). The keys are those of Prometheus's {@code oauth2}. */
public record Oauth2Config(
        @Setting("Client id. With it, a token is fetched from `token_url` and sent as bearer token.")
        Optional<String> clientId,

        @Setting(value = "Client secret.", secret = true) Optional<String> clientSecret,

        @Setting("File whose content is the client secret; reread when a token is fetched.")
        Optional<Path> clientSecretFile,

        @Setting("Address that issues tokens.") Optional<WebAddress> tokenUrl,
        @Setting("Scopes to ask for.") List<String> scopes,

        @Setting(value = "More form fields of the token request, such as `audience`.", secret = true)
        Map<String, String> endpointParams,

        @Setting("TLS towards the token endpoint; `mlflow.tls` does not apply to it.")
        TokenTls tlsConfig) {

    /** Whether anything of it is set. */
    public boolean isSet() {
        return clientId.isPresent()
                || clientSecret.isPresent()
                || clientSecretFile.isPresent()
                || tokenUrl.isPresent()
                || !scopes.isEmpty()
                || !endpointParams.isEmpty();
    }

    /** Trust and client identity towards the token endpoint. */
    public record TokenTls(
            @Setting("PEM file with the certificates to trust instead of the JDK's own; reread when it changes.")
            Optional<Path> caFile,

            @Setting("PEM file with the client's certificate chain and, where key_file is unset, its private key;"
                    + " reread when it changes.")
            Optional<Path> certFile,

            @Setting("PEM file with the client's unencrypted private key; reread when it changes.")
            Optional<Path> keyFile,

            @Setting(
                    value = "Accept any certificate and host name. For tests only: anyone in between can read"
                            + " the client secret.",
                    byDefault = "false")
            boolean insecureSkipVerify) {}
}

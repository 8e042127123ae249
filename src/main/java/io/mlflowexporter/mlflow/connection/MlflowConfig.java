package io.mlflowexporter.mlflow.connection;

import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.ByteSize;
import io.mlflowexporter.settings.value.WebAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where MLflow is and how to talk to it. */
public record MlflowConfig(
        @Setting(
                value = "Address of the tracking server, http or https, with a path prefix if it has one."
                        + " User and password in it are taken as basic credentials and never shown.",
                byDefault = "http://127.0.0.1:5000",
                env = "MLFLOW_TRACKING_URI")
        ServerAddress trackingUri,

        @Setting(
                value = "Address of the registry server where it is a separate one; unset: the tracking server.",
                env = "MLFLOW_REGISTRY_URI")
        Optional<ServerAddress> registryUri,

        @Setting("Credentials for the tracking server, and for the registry where it has none of its own.")
        Credentials auth,

        @Setting("Credentials for a separate registry server; where all are unset, those of `auth`.")
        RegistryCredentials registryAuth,

        @Setting("TLS towards MLflow.") Tls tls,

        @Setting("HTTP proxy through which MLflow, token endpoints and AWS are asked, such as `http://proxy:3128`. User"
                + " and password in it are never shown.")
        Optional<WebAddress> proxyUrl,

        @Setting("What is asked without the proxy: IP addresses, CIDR blocks and domains with their subdomains, with a"
                + " port if need be, separated by commas; `*` for everything.")
        Optional<String> noProxy,

        @Setting(
                value = "Take the proxy from the environment variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY, or their"
                        + " lower-case variants.",
                byDefault = "false")
        boolean proxyFromEnvironment,

        @Setting(value = "Time limit for opening a connection.", byDefault = "5s", min = "10ms", max = "5m")
        Duration connectTimeout,

        @Setting(
                value = "Time limit for one request, from sending it to the last byte of its answer.",
                byDefault = "60s",
                min = "10ms",
                max = "1h")
        Duration readTimeout,

        @Setting(
                value = "How often a request is sent again after 429, 5xx or a broken connection.",
                byDefault = "3",
                min = "0",
                max = "20")
        int retries,

        @Setting(
                value = "First pause before a retry; it doubles each time, with jitter. Retry-After wins where"
                        + " the server sends it.",
                byDefault = "500ms",
                min = "1ms",
                max = "5m")
        Duration retryBackoff,

        @Setting(
                value = "Largest answer accepted, after decompression, and never more than an eighth of the heap"
                        + " (`-Xmx`). A larger page is asked for again in smaller pages; an experiment, model or version that"
                        + " alone is larger is left out and named.",
                byDefault = "256MiB",
                min = "64KiB",
                max = "2GiB")
        ByteSize maxResponseSize,

        @Setting(
                value = "Runs asked for per page at most; fewer where pages are large or slow.",
                byDefault = "1000",
                min = "1",
                max = "50000")
        int pageSize,

        @Setting(
                value = "Requests sent to one server per second at most, retries included; up to so many at once after"
                        + " a pause.",
                byDefault = "20",
                min = "1",
                max = "10000")
        int maxRequestsPerSecond,

        @Setting(
                value = "Requests under way at once at most while many runs are read: at the first read, and when known"
                        + " runs are reread. All else is asked for one by one. A server with several workers is read faster"
                        + " with more. 1: never more than one request under way.",
                byDefault = "2",
                min = "1",
                max = "8")
        int parallelRequests,

        @Setting(
                value = "Workspaces to read (MLflow 3.10 and later), names or patterns with `*` and `?`."
                        + " Empty: the default workspace only where the server has workspaces on.",
                env = "MLFLOW_WORKSPACE")
        List<String> workspaces) {

    /** Basic, bearer or OAuth2 credentials; at most one of the three kinds. */
    public record Credentials(
            @Setting(value = "User name for basic authentication.", env = "MLFLOW_TRACKING_USERNAME")
            Optional<String> username,

            @Setting(value = "Password for basic authentication.", env = "MLFLOW_TRACKING_PASSWORD", secret = true)
            Optional<String> password,

            @Setting("File whose content is the password; reread when it changes.")
            Optional<Path> passwordFile,

            @Setting(value = "Bearer token.", env = "MLFLOW_TRACKING_TOKEN", secret = true)
            Optional<String> token,

            @Setting("File whose content is the bearer token; reread when it changes.")
            Optional<Path> tokenFile,

            @Setting("OAuth2 client credentials.") Oauth2Config oauth2,

            @Setting(
                    "Headers to send with each request, by name, such as those Cloudflare Access asks for. They do not go"
                            + " to the token endpoint.")
            Map<String, HttpHeader> httpHeaders) {}

    /** Credentials of a separate registry server. */
    public record RegistryCredentials(
            @Setting("User name for basic authentication.") Optional<String> username,

            @Setting(value = "Password for basic authentication.", secret = true)
            Optional<String> password,

            @Setting("File whose content is the password; reread when it changes.")
            Optional<Path> passwordFile,

            @Setting(value = "Bearer token.", secret = true) Optional<String> token,

            @Setting("File whose content is the bearer token; reread when it changes.")
            Optional<Path> tokenFile,

            @Setting("OAuth2 client credentials.") Oauth2Config oauth2,

            @Setting(
                    "Headers to send with each request, by name, such as those Cloudflare Access asks for. They do not go"
                            + " to the token endpoint.")
            Map<String, HttpHeader> httpHeaders) {

        /** Whether anything of it is set. */
        public boolean isSet() {
            return username.isPresent()
                    || password.isPresent()
                    || passwordFile.isPresent()
                    || token.isPresent()
                    || tokenFile.isPresent()
                    || oauth2.isSet()
                    || !httpHeaders.isEmpty();
        }

        /** The same as credentials of a tracking server. */
        public Credentials credentials() {
            return new Credentials(username, password, passwordFile, token, tokenFile, oauth2, httpHeaders);
        }
    }

    /** Trust and client identity. */
    public record Tls(
            @Setting(
                    value = "PEM file with the certificates to trust instead of the JDK's own; reread when it"
                            + " changes.",
                    env = "MLFLOW_TRACKING_SERVER_CERT_PATH")
            Optional<Path> caFile,

            @Setting(
                    value = "PEM file with the client's certificate chain and, where key_file is unset, its"
                            + " unencrypted PKCS#8, PKCS#1 or SEC 1 private key; reread when it changes.",
                    env = "MLFLOW_TRACKING_CLIENT_CERT_PATH")
            Optional<Path> certFile,

            @Setting("PEM file with the client's unencrypted private key; reread when it changes.")
            Optional<Path> keyFile,

            @Setting(
                    value = "Accept any certificate and host name. For tests only: anyone in between can read"
                            + " and change what is sent, credentials included.",
                    byDefault = "false",
                    env = "MLFLOW_TRACKING_INSECURE_TLS")
            boolean insecure) {}
}

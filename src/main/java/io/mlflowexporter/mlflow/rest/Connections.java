package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.config.MlflowConfig;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.InstantSource;
import org.mlflow.tracking.creds.DatabricksConfigHostCredsProvider;

/** Makes the ways to the tracking server and to the registry, which may be the same one. */
final class Connections {
    private final MlflowConfig config;
    private final HttpClient client;
    private final AnswerRoom room;
    private final RequestMetrics metrics;
    private final InstantSource clock;
    private final HttpTransport.Pause pause;
    private final HttpTransport tracking;

    Connections(
            MlflowConfig config,
            AnswerRoom room,
            PrometheusRegistry live,
            InstantSource clock,
            HttpTransport.Pause pause)
            throws MlflowException {
        this.config = config;
        this.room = room;
        this.clock = clock;
        this.pause = pause;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(config.connectTimeout());
        TlsContexts.of(config.tls()).ifPresent(builder::sslContext);
        client = builder.build();
        metrics = new RequestMetrics(live);
        tracking = transport(config.trackingUri(), config.auth());
    }

    HttpTransport tracking() {
        return tracking;
    }

    /** The tracking server's where the registry is not separate. */
    HttpTransport registry() throws MlflowException {
        if (config.registryUri().isEmpty()) {
            return tracking;
        }
        URI address = config.registryUri().get();
        MlflowConfig.RegistryCredentials own = config.registryAuth();
        boolean none = own.username().isEmpty()
                && own.token().isEmpty()
                && own.tokenFile().isEmpty()
                && address.getRawUserInfo() == null;
        MlflowConfig.Credentials ownAuth = new MlflowConfig.Credentials(
                own.username(), own.password(), own.passwordFile(), own.token(), own.tokenFile());
        return transport(address, none ? config.auth() : ownAuth);
    }

    private HttpTransport transport(URI address, MlflowConfig.Credentials auth) throws MlflowException {
        String text = address.toString();
        if (text.equals("databricks") || text.startsWith("databricks://")) {
            try {
                DatabricksConfigHostCredsProvider provider = text.equals("databricks")
                        ? new DatabricksConfigHostCredsProvider()
                        : new DatabricksConfigHostCredsProvider(address.getAuthority());
                String host = provider.getHostCreds().getHost();
                if (host == null || !host.startsWith("http")) {
                    throw new IllegalStateException("it has no host that begins with https://");
                }
                return new HttpTransport(
                        client,
                        bare(URI.create(host)),
                        Authorization.of(provider),
                        config,
                        room,
                        metrics,
                        clock,
                        pause);
            } catch (RuntimeException e) {
                // The provider throws unchecked exceptions only, for a missing file as for a missing profile.
                throw new MlflowException(
                        Kind.UNAUTHORIZED,
                        "cannot use the Databricks profile of " + text,
                        OneLine.of(String.valueOf(e.getMessage())),
                        e);
            }
        }
        return new HttpTransport(
                client, bare(address), Authorization.of(auth, address), config, room, metrics, clock, pause);
    }

    /** Without credentials and without a slash at the end. */
    private static URI bare(URI address) {
        String path = address.getRawPath() == null ? "" : address.getRawPath().replaceAll("/+$", "");
        String authority = address.getRawAuthority() == null ? "" : address.getRawAuthority();
        return URI.create(address.getScheme() + "://" + authority.substring(authority.lastIndexOf('@') + 1) + path);
    }
}

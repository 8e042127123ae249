package io.mlflowexporter.mlflow.rest.auth;

import java.net.URI;
import java.util.Optional;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpService;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/**
 * The clients with which the AWS SDK asks STS for credentials, made to go through the configured proxy. The SDK makes it
 * itself, by its name in a system property; so what it needs to know is static.
 */
public final class AwsHttpService implements SdkHttpService {
    private static volatile Optional<URI> proxy = Optional.empty();

    /** Has the SDK use it, with the proxy. */
    static void install(Optional<URI> through) {
        proxy = through;
        System.setProperty("software.amazon.awssdk.http.service.impl", AwsHttpService.class.getName());
    }

    @Override
    public SdkHttpClient.Builder<?> createHttpClientBuilder() {
        return UrlConnectionHttpClient.builder().proxyConfiguration(configuration());
    }

    private static ProxyConfiguration configuration() {
        ProxyConfiguration.Builder configuration =
                ProxyConfiguration.builder().useSystemPropertyValues(false).useEnvironmentVariablesValues(false);
        proxy.ifPresent(address -> {
            configuration.endpoint(URI.create("http://" + address.getHost() + ":" + Proxies.port(address)));
            if (address.getRawUserInfo() != null) {
                String[] parts = address.getRawUserInfo().split(":", 2);
                configuration.username(ConfiguredAuth.decoded(parts[0]));
                configuration.password(parts.length > 1 ? ConfiguredAuth.decoded(parts[1]) : "");
            }
        });
        return configuration.build();
    }
}

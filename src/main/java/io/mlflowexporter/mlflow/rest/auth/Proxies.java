package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.connection.MlflowConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Which proxy a request goes through: that of the configuration, or those of the environment if it says so. */
public final class Proxies {
    /** Why a proxy answered 407. */
    public static final String WANTS_CREDENTIALS =
            "the proxy wants other credentials; put user and password into mlflow.proxy_url";

    private static final int DEFAULT_PORT = 80;
    /** The JDK reads it before its first request; a proxy's credentials are for it, and are asked for by the user. */
    private static final String TUNNELING = "jdk.http.auth.tunneling.disabledSchemes";

    private final Optional<URI> http;
    private final Optional<URI> https;
    private final NoProxy without;
    private final boolean skipsLoopback;

    private Proxies(Optional<URI> http, Optional<URI> https, String without, boolean skipsLoopback) {
        this.http = http;
        this.https = https;
        this.without = new NoProxy(without);
        this.skipsLoopback = skipsLoopback;
        boolean credentials = http.map(URI::getRawUserInfo).isPresent()
                || https.map(URI::getRawUserInfo).isPresent();
        if (credentials && System.getProperty(TUNNELING) == null) {
            System.setProperty(TUNNELING, "");
        }
    }

    /**
     * What the configuration says.
     *
     * @param environment where HTTP_PROXY and its like are
     * @throws IllegalArgumentException if a variable is no proxy's address, with a line for the user
     */
    public static Proxies of(MlflowConfig config, Map<String, String> environment) {
        if (config.proxyFromEnvironment()) {
            return new Proxies(
                    variable(environment, "HTTP_PROXY"),
                    variable(environment, "HTTPS_PROXY"),
                    either(environment, "NO_PROXY").orElse(""),
                    true);
        }
        Optional<URI> one = config.proxyUrl().map(proxy -> proxy.uri());
        return new Proxies(one, one, config.noProxy().orElse(""), false);
    }

    private static Optional<String> either(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(text -> !text.isBlank())
                .or(() -> Optional.ofNullable(environment.get(name.toLowerCase(Locale.ROOT)))
                        .filter(text -> !text.isBlank()));
    }

    private static Optional<URI> variable(Map<String, String> environment, String name) {
        return either(environment, name).map(text -> {
            try {
                URI uri = new URI(text.contains("://") ? text.strip() : "http://" + text.strip());
                if ("http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null) {
                    return uri;
                }
            } catch (URISyntaxException e) {
                // Told below, without the text, which may hold a password.
            }
            throw new IllegalArgumentException(
                    "the environment variable " + name + " is not the address of a proxy; allowed: http://HOST:PORT");
        });
    }

    /** Has a client use them; without any, it goes on as the JDK's own settings say. */
    public void install(HttpClient.Builder client) {
        if (http.isPresent() || https.isPresent()) {
            client.proxy(new Selector());
        }
    }

    /** The proxy for an address; empty for none. */
    public Optional<URI> to(URI target) {
        if ((skipsLoopback && NoProxy.isLoopback(target)) || without.holds(target)) {
            return Optional.empty();
        }
        return "https".equalsIgnoreCase(target.getScheme()) ? https : http;
    }

    /** The header that shows the proxy for an address who asks. */
    public Optional<RequestAuth.Header> header(URI target) {
        return to(target).map(URI::getRawUserInfo).map(info -> {
            String[] parts = info.split(":", 2);
            return new RequestAuth.Header(
                    "Proxy-Authorization",
                    Authorizations.basicValue(
                            ConfiguredAuth.decoded(parts[0]),
                            parts.length > 1 ? ConfiguredAuth.decoded(parts[1]) : ""));
        });
    }

    /** What a failed connection means where it went through a proxy; empty where the proxy has no part in it. */
    public Optional<String> explain(URI target, Throwable failure) {
        Optional<URI> proxy = to(target);
        if (proxy.isEmpty()) {
            return Optional.empty();
        }
        String name = "the proxy " + proxy.get().getHost() + ":" + port(proxy.get());
        if (failure instanceof HttpConnectTimeoutException) {
            return Optional.of("no connection through " + name + " within mlflow.connect_timeout");
        }
        if (failure instanceof ConnectException
                || failure instanceof UnresolvedAddressException
                || failure instanceof UnknownHostException) {
            return Optional.of("nothing answers at " + name + "; check mlflow.proxy_url");
        }
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof IOException && message.startsWith("Tunnel failed, got: ")) {
            return Optional.of(name + " refuses the connection with HTTP "
                    + message.substring("Tunnel failed, got: ".length()).strip()
                    + "; let it connect there, or put the host into mlflow.no_proxy");
        }
        return Optional.empty();
    }

    static int port(URI proxy) {
        return proxy.getPort() < 0 ? DEFAULT_PORT : proxy.getPort();
    }

    private final class Selector extends ProxySelector {
        @Override
        public List<Proxy> select(URI target) {
            return to(target)
                    .map(proxy -> new Proxy(
                            Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.getHost(), port(proxy))))
                    .map(List::of)
                    .orElse(List.of(Proxy.NO_PROXY));
        }

        @Override
        public void connectFailed(URI target, SocketAddress address, IOException failure) {
            // Told by who asked.
        }
    }
}

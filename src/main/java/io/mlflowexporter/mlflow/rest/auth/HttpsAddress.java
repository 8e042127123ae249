package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import java.net.URI;
import java.util.Locale;

/** Addresses out of variables and profiles, to which credentials are sent. */
final class HttpsAddress {
    private HttpsAddress() {}

    /**
     * The address; one without TLS on this machine only.
     *
     * @param what names it, for the beginning of a line for the user
     * @throws MlflowException if it is none
     */
    static URI of(String text, String what) throws MlflowException {
        try {
            URI uri = URI.create(text);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            String host = uri.getHost();
            if (host != null && (scheme.equals("https") || (scheme.equals("http") && isLoopback(host)))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Told as any other text that is no address.
        }
        throw new MlflowException(Kind.UNAUTHORIZED, what + " names no host that begins with https://");
    }

    /** The address without what follows the host and port, and without a user. */
    static URI origin(URI address) {
        String port = address.getPort() < 0 ? "" : ":" + address.getPort();
        return URI.create(address.getScheme() + "://" + address.getHost() + port);
    }

    private static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost") || host.equals("[::1]") || host.matches("127(?:[.][0-9]{1,3}){3}");
    }
}

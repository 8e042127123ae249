package io.mlflowexporter.mlflow.rest.transport;

import io.mlflowexporter.http.BoundedBody.TooLongException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;

/**
 * Why there was no connection or it did not last, in plain words; the JDK's own tell programmers.
 *
 * @param what what is wrong and what to do about it, the same each time
 * @param detail the JDK's words, which may differ each time; empty where they add nothing
 */
record ConnectionFailure(Kind kind, String what, String detail) {
    /** What tells most, most telling first: the JDK wraps these in one another in either order. */
    private static final List<Class<? extends Throwable>> TELLING = List.of(
            TooLongException.class,
            SSLException.class,
            HttpConnectTimeoutException.class,
            UnresolvedAddressException.class,
            UnknownHostException.class,
            ConnectException.class);

    /** The cause that tells most of why an exchange failed. */
    static Throwable cause(ExecutionException failure) {
        for (Class<? extends Throwable> kind : TELLING) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (kind.isInstance(cause)) {
                    return cause;
                }
            }
        }
        return failure.getCause() == null ? failure : failure.getCause();
    }

    private static final String BROKE = "the connection broke";

    /** Whether there was a connection, which ended without a whole answer. */
    boolean broken() {
        return what.equals(BROKE);
    }

    static ConnectionFailure of(Throwable cause) {
        if (cause instanceof HttpConnectTimeoutException) {
            return new ConnectionFailure(
                    Kind.TIMEOUT, "no connection within mlflow.connect_timeout; check the address and the network", "");
        }
        if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
            return new ConnectionFailure(Kind.UNREACHABLE, "the host name is not known; check the address", "");
        }
        if (cause instanceof ConnectException) {
            return new ConnectionFailure(
                    Kind.UNREACHABLE, "nothing answers there; is MLflow running at this address?", "");
        }
        if (cause instanceof SSLException tls) {
            return new ConnectionFailure(Kind.UNREACHABLE, "TLS failed: " + tls(tls), String.valueOf(tls.getMessage()));
        }
        if ("Too many retries".equals(cause.getMessage()) && cause.getCause() != null) {
            // The JDK's words where it may not try again; the reason is behind.
            return of(cause.getCause());
        }
        return new ConnectionFailure(
                Kind.UNREACHABLE, BROKE, cause.getClass().getSimpleName() + ": " + cause.getMessage());
    }

    private static String tls(SSLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException) {
                return "the server's certificate has expired; renew it there";
            }
            if (cause instanceof CertificateNotYetValidException) {
                return "the server's certificate is not valid yet; check the clocks of both machines";
            }
            if (cause instanceof CertPathBuilderException) {
                return "the server's certificate is from an authority that is not trusted; put a private CA's"
                        + " certificate into mlflow.tls.ca_file";
            }
        }
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        if (message.contains("subject alternative") || message.contains("no name matching")) {
            return "the server's certificate is for another host name; use the name it is for in the address";
        }
        if (message.contains("bad_certificate") || message.contains("certificate_required")) {
            return "the server wants a client certificate, or does not take this one; check mlflow.tls.cert_file";
        }
        if (message.contains("unrecognized ssl message") || message.contains("plaintext connection")) {
            return "the server does not speak TLS there; is it http:// or another port?";
        }
        return "check mlflow.tls and the server's own settings";
    }
}

package io.mlflowexporter.cli;

import io.mlflowexporter.tls.TrustAnyone;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManager;

/**
 * One request over a bare socket, since it is sent every few seconds by a process of its own: a whole HTTP client takes
 * longer to load than the answer to come.
 */
final class HealthProbe {
    private static final int LIMIT_MILLIS = 3_000;
    private static final int STATUS_LINE_BYTES = 64;
    /** The listener answers, only not to someone without a password. */
    private static final Set<String> WELL = Set.of("200", "401", "403");

    private HealthProbe() {}

    /**
     * Asks, in plain HTTP and, where that is not understood, with TLS.
     *
     * @return a line for the user
     * @throws IOException if there is no answer or a bad one; a line for the user
     */
    static String ask(String host, int port, String path) throws IOException {
        String shown = shown(host) + ":" + port + path;
        try {
            String status = status(plain(host, port), shown(host), path);
            if (status.isEmpty()) {
                try {
                    status = status(secure(host, port), shown(host), path);
                } catch (SSLHandshakeException e) {
                    // It wants a certificate of us; only a listener that is alive can.
                    return shown + " answers, with TLS";
                }
            }
            if (!WELL.contains(status)) {
                throw new IOException("it answered " + (status.isEmpty() ? "no HTTP" : status));
            }
            return shown + " answers";
        } catch (IOException e) {
            throw new IOException(shown + ": " + e.getMessage(), e);
        }
    }

    /** The code of the answer; empty if it is no HTTP or the connection was closed without one. */
    private static String status(Socket socket, String host, String path) throws IOException {
        try (socket) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            String head = new String(start(socket, in), StandardCharsets.ISO_8859_1);
            String[] words = head.split("\\s", 3);
            return words.length == 3 && words[0].startsWith("HTTP/1.") ? words[1] : "";
        } catch (SSLException e) {
            throw e;
        } catch (SocketException e) {
            // A TLS listener may break the connection off where it cannot make sense of what it is told.
            return "";
        }
    }

    /** The first bytes of the answer, or as many of them as came in time: one that drips is not waited for. */
    private static byte[] start(Socket socket, InputStream in) throws IOException {
        byte[] head = new byte[STATUS_LINE_BYTES];
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS);
        int length = 0;
        while (length < head.length) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new SocketTimeoutException("no answer within " + LIMIT_MILLIS + " ms");
            }
            socket.setSoTimeout(Math.toIntExact(left));
            int read = in.read(head, length, head.length - length);
            if (read < 0) {
                break;
            }
            length += read;
        }
        return Arrays.copyOf(head, length);
    }

    private static Socket plain(String host, int port) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(LIMIT_MILLIS);
        try {
            InetAddress address = InetAddress.getByName(host.isEmpty() ? "127.0.0.1" : host);
            socket.connect(
                    new InetSocketAddress(
                            address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address, port),
                    LIMIT_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static Socket secure(String host, int port) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            // The question is whether someone answers on this machine, and nothing is told to them.
            context.init(null, new TrustManager[] {new TrustAnyone()}, new SecureRandom());
            return context.getSocketFactory().createSocket(plain(host, port), shown(host), port, true);
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS is not to be had: " + e.getMessage(), e);
        }
    }

    private static String shown(String host) {
        String written = host.isEmpty() || host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
        return written.contains(":") ? "[" + written + "]" : written;
    }
}

package io.mlflowexporter.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** An HTTP server on bare sockets that answers byte by byte as a test tells it, and so can break every rule. */
public final class ScriptedServer implements AutoCloseable {
    /** What came; names of headers in lower case. */
    public record Request(String method, String target, Map<String, String> headers, String body) {
        /** The path after MLflow's prefix, without the query. */
        public String endpoint() {
            return target.replaceFirst("\\?.*", "").replaceFirst("^(/api/[23]\\.0/mlflow)?/", "");
        }
    }

    /** Writes an answer; the connection is closed after it. */
    @FunctionalInterface
    public interface Answer {
        void write(OutputStream out) throws IOException;
    }

    /** Thrown by an answer: the connection is reset, not closed in order. */
    public static final class Reset extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private volatile Optional<SSLContext> certificate = Optional.empty();
    private final ServerSocket socket;
    private final String scheme;
    private final Deque<Answer> script = new ArrayDeque<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile String peer = "";
    private volatile Function<Request, Answer> otherwise = request -> status(404, "");

    private ScriptedServer(ServerSocket socket, String scheme) {
        this.socket = socket;
        this.scheme = scheme;
        thread("scripted-server", this::accept);
    }

    public static ScriptedServer start() {
        return start(0);
    }

    /** On a port that is known to be free, 0 for any. */
    public static ScriptedServer start(int port) {
        try {
            return new ScriptedServer(new ServerSocket(port, 50, InetAddress.getLoopbackAddress()), "http");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With the context's certificate; {@code clients} asks for one of the client too. */
    public static ScriptedServer start(SSLContext tls, boolean clients) {
        try {
            SSLServerSocket socket = (SSLServerSocket)
                    tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
            socket.setNeedClientAuth(clients);
            return new ScriptedServer(socket, "https");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on connections speak TLS with this certificate. */
    public ScriptedServer speaks(SSLContext tls) {
        certificate = Optional.of(tls);
        return this;
    }

    public int port() {
        return socket.getLocalPort();
    }

    public URI uri() {
        return uri("127.0.0.1");
    }

    public URI uri(String host) {
        return URI.create(scheme + "://" + host + ":" + port());
    }

    /** Whom the last client's certificate named; empty where none was asked for. */
    public String peer() {
        return peer;
    }

    /** Everything asked for, in the order of arrival. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Answers for the next requests, one each. */
    public ScriptedServer then(Answer... answers) {
        synchronized (script) {
            script.addAll(List.of(answers));
        }
        return this;
    }

    /** What is answered when the script is at its end. */
    public ScriptedServer otherwise(Function<Request, Answer> answers) {
        otherwise = answers;
        return this;
    }

    public static Answer json(String body) {
        return status(200, body, "Content-Type: application/json");
    }

    public static Answer status(int status, String body, String... headers) {
        return bytes(status, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    public static Answer bytes(int status, byte[] body, String... headers) {
        return announced(status, body, body.length, headers);
    }

    public static Answer gzip(int status, byte[] compressed) {
        return bytes(status, compressed, "Content-Encoding: gzip");
    }

    /** An answer that announces another length than it has. */
    public static Answer announced(int status, byte[] body, long length, String... headers) {
        return out -> {
            out.write(head(status, length, headers));
            out.write(body);
            out.flush();
        };
    }

    public static byte[] head(int status, long length, String... headers) {
        StringBuilder head = new StringBuilder(
                "HTTP/1.1 " + status + " Scripted\r\nContent-Length: " + length + "\r\nConnection: close\r\n");
        List.of(headers).forEach(line -> head.append(line).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    public static byte[] zipped(byte[] bytes) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zipped.toByteArray();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                thread("scripted-connection", () -> serve(connection));
            } catch (IOException e) {
                // Closed: the loop ends.
            }
        }
    }

    private void serve(Socket accepted) {
        try (Socket connection = spoken(accepted);
                InputStream in = new BufferedInputStream(connection.getInputStream());
                OutputStream out = connection.getOutputStream()) {
            Request request = read(in);
            if (connection instanceof SSLSocket tls
                    && socket instanceof SSLServerSocket server
                    && server.getNeedClientAuth()) {
                peer = tls.getSession().getPeerPrincipal().getName();
            }
            requests.add(request);
            Answer answer;
            synchronized (script) {
                answer = script.poll();
            }
            try {
                (answer == null ? otherwise.apply(request) : answer).write(out);
            } catch (Reset e) {
                // Closing it, which comes next, then resets it.
                connection.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            // The client went away, which some tests are about.
        }
    }

    private Socket spoken(Socket accepted) throws IOException {
        if (certificate.isEmpty()) {
            return accepted;
        }
        SSLSocket tls =
                (SSLSocket) certificate.get().getSocketFactory().createSocket(accepted, null, accepted.getPort(), true);
        tls.setUseClientMode(false);
        return tls;
    }

    private static Request read(InputStream in) throws IOException {
        String[] first = line(in).split(" ", -1);
        if (first.length < 2) {
            throw new IOException("no request");
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String[] header = line.split(":", 2);
            if (header.length < 2) {
                throw new IOException("no HTTP");
            }
            headers.put(header[0].toLowerCase(Locale.ROOT), header[1].strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Request(first[0], first[1], headers, new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    private static void thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.mlflowexporter.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands between the exporter and MLflow: counts what goes through, and can say again what was asked. */
final class CountingProxy implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *([0-9]+)");

    private final URI server;
    private final ServerSocket listener;
    private final AtomicLong bytes = new AtomicLong();
    private final List<byte[]> requests = new ArrayList<>();

    CountingProxy(URI server) throws IOException {
        this.server = server;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread(this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /** Bytes in both directions so far, heads included. */
    long bytes() {
        return bytes.get();
    }

    /** Every request so far, whole, in the order in which they came. */
    synchronized List<byte[]> requests() {
        return List.copyOf(requests);
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            Socket upstream = new Socket(server.getHost(), server.getPort());
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            thread(() -> pump(client, upstream, new Requests()));
            thread(() -> pump(upstream, client, null));
        }
    }

    private void pump(Socket from, Socket to, Requests cut) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                bytes.addAndGet(n);
                if (cut != null) {
                    cut.take(buffer, n);
                }
                out.write(buffer, 0, n);
            }
        }
    }

    /** Cuts one connection's bytes into requests. */
    private final class Requests {
        private final ByteArrayOutputStream open = new ByteArrayOutputStream();

        void take(byte[] buffer, int count) {
            open.write(buffer, 0, count);
            String text = open.toString(StandardCharsets.ISO_8859_1);
            int headEnd = text.indexOf("\r\n\r\n");
            while (headEnd >= 0) {
                Matcher length = LENGTH.matcher(text.substring(0, headEnd));
                int end = headEnd + 4 + (length.find() ? Integer.parseInt(length.group(1)) : 0);
                if (text.length() < end) {
                    break;
                }
                synchronized (CountingProxy.this) {
                    requests.add(text.substring(0, end).getBytes(StandardCharsets.ISO_8859_1));
                }
                text = text.substring(end);
                headEnd = text.indexOf("\r\n\r\n");
            }
            open.reset();
            open.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void thread(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // One of the two ends has gone.
                    }
                },
                "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}

package io.mlflowexporter.web.listener;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Sends what no HTTP client would, byte by byte. */
public final class RawHttp {
    private RawHttp() {}

    /** The whole answer, head included, to these lines and an empty one. */
    public static String ask(URI address, String... lines) throws IOException {
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            String head = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

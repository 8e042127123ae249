package io.mlflowexporter.conformance;

import com.sun.net.httpserver.HttpServer;
import io.mlflowexporter.testing.HandOn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;

/** Hands requests on with a workspace's header: MLflow's Java client knows no workspaces. */
final class WorkspaceProxy implements AutoCloseable {
    private final HttpServer server;

    WorkspaceProxy(URI behind, String workspace) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.createContext("/", new HandOn(behind, Map.of("X-MLFLOW-WORKSPACE", workspace)));
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

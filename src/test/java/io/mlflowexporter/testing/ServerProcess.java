package io.mlflowexporter.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.stream.Stream;

/** What servers in processes of their own have in common: a port, a log, and a moment from which they answer. */
final class ServerProcess {
    private ServerProcess() {}

    /** Asks a server whether it answers. */
    interface Ready {
        /** Whether it does; an {@link IOException}: not yet. */
        boolean ask() throws IOException, InterruptedException;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Where a server's log stays when it is gone. */
    static Path log(String name) throws IOException {
        return Files.createDirectories(Path.of("target", "mlflow-servers")).resolve(name + ".log");
    }

    /** Waits until the server answers; closes it and fails if it ends before, or takes longer than the limit. */
    static void await(Process process, Duration limit, Path log, AutoCloseable server, Ready ready) throws IOException {
        Instant end = Instant.now().plus(limit);
        try {
            while (Instant.now().isBefore(end) && process.isAlive()) {
                try {
                    if (ready.ask()) {
                        return;
                    }
                } catch (IOException e) {
                    // Not yet listening; the process's end and the limit bound the wait.
                }
                Thread.sleep(100);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            server.close();
        } catch (Exception e) {
            throw new AssertionError("a server that does not answer cannot be closed", e);
        }
        throw new AssertionError("the server does not answer:\n" + Files.readString(log));
    }

    /** Deletes a folder with all that is in it, if it is there. */
    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }
}

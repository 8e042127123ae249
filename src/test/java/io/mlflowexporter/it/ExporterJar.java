package io.mlflowexporter.it;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The jar as its users run it. */
final class ExporterJar implements AutoCloseable {
    /** Starting and reading the demo takes some 3 s on an idle machine; the promise is 30 s. */
    static final Duration READY_WITHIN = Duration.ofSeconds(30);

    private static final Pattern METRICS = Pattern.compile("/metrics is served on port (\\d+)");
    private static final Pattern WEB = Pattern.compile("The status page is served on port (\\d+)");
    private static final Pattern MLFLOW = Pattern.compile("Simulated MLflow \\S+ listens on (http://\\S+) ");

    private final Running running;
    private final URI metrics;
    private final URI web;

    private ExporterJar(Running running) {
        this.running = running;
        this.metrics = URI.create("http://127.0.0.1:" + running.printed(METRICS, READY_WITHIN));
        this.web = URI.create("http://127.0.0.1:" + running.printed(WEB, READY_WITHIN));
    }

    /** Starts it on free ports of loopback and waits until both listeners are bound. */
    static ExporterJar start(String name, String command, String... arguments) {
        return start(name, List.of(), command, arguments);
    }

    /** As {@link #start} with {@code serve}, and with the flags for the JVM that are recommended for so large a heap. */
    static ExporterJar inHeap(String name, String heap, String... arguments) {
        List<String> flags = List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xss512k",
                "-XX:+ExitOnOutOfMemoryError",
                "-Xmx" + heap);
        return start(name, flags, "serve", arguments);
    }

    private static ExporterJar start(String name, List<String> flags, String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of("--metrics-listen", "127.0.0.1:0", "--web-listen", "127.0.0.1:0"));
        all.addAll(List.of(arguments));
        List<String> line = commandLine(all);
        line.addAll(1, flags);
        Running running = Running.start(name, line);
        try {
            return new ExporterJar(running);
        } catch (AssertionError e) {
            running.close();
            throw e;
        }
    }

    /** The demo, as {@link #start}, with a complete snapshot. */
    static ExporterJar demo(String name, String... arguments) {
        ExporterJar jar = start(name, "demo", arguments);
        try {
            Await.until("ready", READY_WITHIN, () -> HttpGet.get(jar.web("/readyz")), answer -> answer.status() == 200);
            return jar;
        } catch (AssertionError e) {
            jar.close();
            throw e;
        }
    }

    static List<String> commandLine(List<String> arguments) {
        List<String> all = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("exporter.jar", "target/mlflow-exporter.jar")));
        all.addAll(arguments);
        return all;
    }

    /** A path of the listener for Prometheus. */
    URI metrics(String path) {
        return metrics.resolve(path);
    }

    /** A path of the listener for people. */
    URI web(String path) {
        return web.resolve(path);
    }

    /** The simulated server's address, where the command is {@code demo}. */
    URI mlflow() {
        return URI.create(running.printed(MLFLOW, READY_WITHIN));
    }

    String log() {
        return running.output();
    }

    long pid() {
        return running.pid();
    }

    boolean isAlive() {
        return running.isAlive();
    }

    int terminate() {
        return running.terminate();
    }

    @Override
    public void close() {
        running.close();
    }
}

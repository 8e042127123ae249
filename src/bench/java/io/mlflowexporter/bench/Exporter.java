package io.mlflowexporter.bench;

import io.mlflowexporter.demo.life.DemoPricingFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The jar, run as its users run it, with a cost book, seen only from outside. */
final class Exporter implements AutoCloseable {
    /** What docs/benchmarks.md recommends; each measurement says the largest heap. */
    static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k");

    private static final Pattern METRICS = Pattern.compile("/metrics is served on port ([0-9]+)");
    private static final Pattern WEB = Pattern.compile("status page is served on port ([0-9]+)");
    private static final Pattern HEAP = Pattern.compile("(?m)^Total +[0-9]+ +([0-9]+)");
    /**
     * Few arenas of the C library, which docs/benchmarks.md recommends, and no limit on requests: the simulated server
     * answers faster than the exporter asks by itself, the real one never comes near the limit.
     */
    private static final Map<String, String> ENVIRONMENT =
            Map.of("MALLOC_ARENA_MAX", "2", "MLFLOW_EXPORTER_MLFLOW_MAX_REQUESTS_PER_SECOND", "10000");

    /** A large checkpoint is read before it listens. */
    private static final Duration TO_LISTEN = Duration.ofMinutes(5);

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Program program;
    private final URI metrics;
    private final URI web;
    private final long startedNanos;
    private final long listeningNanos;
    private final Path folder;

    private Exporter(Program program, URI metrics, URI web, Path folder, long startedNanos) {
        this.program = program;
        this.metrics = metrics;
        this.web = web;
        this.folder = folder;
        this.startedNanos = startedNanos;
        this.listeningNanos = System.nanoTime();
    }

    /**
     * Starts it; what it makes it listen is not yet a snapshot.
     *
     * @param heap the most, and after a blank further options of the JVM
     * @param settings lines of the configuration file, as {@code key: value}
     */
    static Exporter start(Path jar, URI mlflow, String interval, String heap, String... settings)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("bench-exporter");
        Path book = folder.resolve("cost-book.yaml");
        Files.writeString(book, DemoPricingFile.text(LocalDate.now(ZoneOffset.UTC)));
        Path config = folder.resolve("config.yaml");
        List<String> lines = new ArrayList<>(List.of(
                "cost:",
                "  file: " + book,
                "refresh:",
                "  interval: " + interval,
                "  timeout: 1h",
                "  max_staleness: 7d"));
        lines.addAll(Arrays.asList(settings));
        Files.write(config, lines);
        List<String> command = Program.java(("-Xmx" + heap).split(" "));
        command.addAll(FLAGS);
        command.addAll(List.of(
                "-jar",
                jar.toString(),
                "serve",
                "--config",
                config.toString(),
                "--mlflow.tracking-uri",
                mlflow.toString(),
                "--metrics-listen",
                "127.0.0.1:0",
                "--web-listen",
                "127.0.0.1:0"));
        long started = System.nanoTime();
        Program program = Program.start("exporter", command, ENVIRONMENT);
        URI metrics = address(program.await(METRICS, TO_LISTEN));
        URI web = address(program.await(WEB, TO_LISTEN));
        return new Exporter(program, metrics, web, folder, started);
    }

    private static URI address(Matcher port) {
        return URI.create("http://127.0.0.1:" + port.group(1));
    }

    /** Seconds from when it listened to its first whole snapshot. */
    double awaitSnapshot(Duration limit) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < end && program.alive()) {
            if (get(web.resolve("/readyz")).statusCode() == 200 && value("mlflow_snapshot_complete") == 1) {
                return (System.nanoTime() - listeningNanos) / 1e9;
            }
            Thread.sleep(10);
        }
        throw new IOException("no whole snapshot:\n" + program.output());
    }

    /** Seconds since the process was started. */
    double age() {
        return (System.nanoTime() - startedNanos) / 1e9;
    }

    /** Whether the jar knows a section of the configuration. */
    static boolean knows(Path jar, String section) throws IOException, InterruptedException {
        try (Program show =
                Program.start("show", Program.java("-jar", jar.toString(), "check-config", "--show"), Map.of())) {
            return show.finish(Duration.ofSeconds(30)).contains(section);
        }
    }

    /** Ends it as a service manager does. */
    void stop() throws InterruptedException {
        program.terminate(Duration.ofMinutes(1));
    }

    /** Refreshes that went well so far. */
    double refreshes() throws IOException, InterruptedException {
        return value("mlflow_exporter_refreshes_total{outcome=\"complete\"}");
    }

    /** All refreshes' seconds so far. */
    double refreshSeconds() throws IOException, InterruptedException {
        return value("mlflow_exporter_refresh_duration_seconds_sum");
    }

    /** Seconds of a processor that refreshes have had so far, garbage collection apart. */
    double refreshCpuSeconds() throws IOException {
        return program.cpuSeconds("refresh");
    }

    /** Waits for the next refresh that ends from now on. */
    void awaitRefresh(Duration limit) throws IOException, InterruptedException {
        double before = refreshes();
        long end = System.nanoTime() + limit.toNanos();
        while (refreshes() == before) {
            if (System.nanoTime() > end || !program.alive()) {
                throw new IOException("no refresh:\n" + program.output());
            }
            Thread.sleep(20);
        }
    }

    /** A sample of the scrape; NaN where there is none. */
    double value(String series) throws IOException, InterruptedException {
        String name = series.replaceAll("\\{.*", "");
        String text = get(metrics.resolve("/metrics?name[]=" + name.replaceAll("_sum$", "")))
                .body();
        for (String line : text.lines().toList()) {
            if (line.startsWith(series + " ")) {
                return Double.parseDouble(line.substring(series.length() + 1).trim());
            }
        }
        return Double.NaN;
    }

    private static HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
        URI escaped = URI.create(uri.toString().replace("[]", "%5B%5D"));
        return HTTP.send(HttpRequest.newBuilder(escaped).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A whole scrape, as a Prometheus makes it. */
    void scrape() throws IOException {
        try (Reader reader = new Reader(metrics)) {
            reader.exchange(Reader.get("/metrics", Scraping.ACCEPT, "Accept-Encoding: gzip"));
        }
    }

    double residentMebibytes() throws IOException {
        return program.mebibytes("VmRSS");
    }

    double peakMebibytes() throws IOException {
        return program.mebibytes("VmHWM");
    }

    /** Bytes of what is alive on the heap, by jcmd, which collects garbage first. */
    double liveHeapBytes() throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try (Program tool = Program.start(
                "jcmd", List.of(jcmd.toString(), Long.toString(program.pid()), "GC.class_histogram"), Map.of())) {
            Matcher total = HEAP.matcher(tool.finish(Duration.ofMinutes(2)));
            if (!total.find()) {
                throw new IOException("jcmd says no total");
            }
            return Double.parseDouble(total.group(1));
        }
    }

    @Override
    public void close() throws IOException {
        program.close();
        for (String file : List.of("cost-book.yaml", "config.yaml")) {
            Files.deleteIfExists(folder.resolve(file));
        }
        folder.toFile().deleteOnExit();
    }
}

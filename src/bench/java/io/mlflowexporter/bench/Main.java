package io.mlflowexporter.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Measures the exporter; {@code bench/run} starts it. */
final class Main {
    private static final String HEAP_SMALL = "48m";
    private static final String HEAP_100K = "48m";
    private static final String HEAP_1M = "280m -Xmn24m";

    private Main() {}

    /**
     * Measures.
     *
     * @param args {@code --quick} for less of everything; names of parts, {@code scrape}, {@code jmh}, {@code simulated},
     *     {@code scale}, {@code names}, {@code real}, {@code parallel} and {@code resync}, for these alone. The last two are not part of a
     *     quick run unless named: they take minutes, {@code resync} 50 of them.
     */
    public static void main(String[] args) throws Exception {
        Set<String> given = Set.of(args);
        boolean quick = given.contains("--quick");
        boolean all = given.stream().allMatch(arg -> arg.equals("--quick"));
        Path jar = Path.of(System.getProperty("exporter.jar"));
        Path scripts = Path.of(System.getProperty("bench.scripts"));
        Report report = new Report();
        Report.say(machine());
        long began = System.nanoTime();
        if (all || given.contains("scrape")) {
            Scraping.run(report, quick ? 3 : 7, quick ? 1 : 3);
        }
        Reading reading = new Reading(jar, report);
        if (all || given.contains("simulated")) {
            try (Simulated server = Simulated.start(100_000)) {
                reading.cold(server.uri(), "_simulated_100k", HEAP_100K, quick ? 1 : 5);
                if (quick) {
                    reading.steady(server.uri(), "_100k", HEAP_100K, 2, true);
                } else {
                    reading.steady(server.uri(), "_simulated_100k", HEAP_100K, 5, false);
                }
            }
        }
        if (all || given.contains("scale")) {
            new Scale(jar, report, quick ? 1 : 5).run(HEAP_SMALL, HEAP_1M);
        }
        if (all || given.contains("names")) {
            Names.run(jar, report, quick ? 1 : 3);
        }
        if (all || given.contains("real")) {
            real(report, reading, scripts, quick);
        }
        if ((all && !quick) || given.contains("parallel")) {
            parallel(report, jar, scripts, quick);
        }
        if ((all && !quick) || given.contains("resync")) {
            resync(report, jar, scripts, quick);
        }
        if (all || given.contains("jmh")) {
            jmh(quick);
        }
        System.out.println();
        System.out.println(machine() + String.format("; took %.0f s", (System.nanoTime() - began) / 1e9));
        report.table();
        System.exit(0);
    }

    private static void real(Report report, Reading reading, Path scripts, boolean quick) throws Exception {
        int runs = quick ? 5_000 : 100_000;
        String label = quick ? "_real_5k" : "";
        if (!quick) {
            System.setProperty("real.mlflow", "true");
        }
        try {
            RealServer.python();
        } catch (IOException e) {
            report.skip("sync_vs_notebook", "higher is better", String.valueOf(e.getMessage()));
            return;
        }
        try (RealServer server = RealServer.start(scripts, runs)) {
            Reading.Cold cold = reading.cold(server.uri(), label, HEAP_100K, 1);
            double[] notebook = server.notebook(scripts);
            String how = String.format(
                    Locale.ROOT,
                    "%,d runs in a real server: %.1f s and %.0f MiB at the peak; the Python client into pandas %.1f s and"
                            + " %.0f MiB (%.0f runs)",
                    runs,
                    cold.seconds(),
                    cold.peakMebibytes(),
                    notebook[0],
                    notebook[1],
                    notebook[2]);
            report.add("sync_vs_notebook" + label, notebook[0] / cold.seconds(), "higher is better", how);
            report.add("sync_vs_notebook_memory" + label, notebook[1] / cold.peakMebibytes(), "higher is better", how);
            if (!quick) {
                reading.steady(server.uri(), "_100k", HEAP_100K, 2, true);
            }
        }
    }

    private static boolean noPython(Report report, String name) {
        System.setProperty("real.mlflow", "true");
        try {
            RealServer.python();
            return false;
        } catch (IOException e) {
            report.skip(name, "", String.valueOf(e.getMessage()));
            return true;
        }
    }

    private static void parallel(Report report, Path jar, Path scripts, boolean quick) throws Exception {
        if (noPython(report, "sync_parallel_vs_sequential")) {
            return;
        }
        int requests = 4;
        try (RealServer server = RealServer.start(scripts, quick ? 5_000 : 50_000, 4)) {
            new Resyncing(jar, report).parallel(server.uri(), quick ? "_5k" : "", HEAP_100K, requests, quick ? 1 : 3);
        }
    }

    private static void resync(Report report, Path jar, Path scripts, boolean quick) throws Exception {
        if (noPython(report, "resync_share")) {
            return;
        }
        Resyncing resyncing = new Resyncing(jar, report);
        Duration window = Duration.ofMinutes(quick ? 5 : 20);
        try (RealServer server = RealServer.start(scripts, 10_000)) {
            resyncing.run(server.uri(), "_10k", HEAP_SMALL, window, "≤ 10", quick);
        }
        if (!quick) {
            try (RealServer server = RealServer.start(scripts, 100_000)) {
                resyncing.run(server.uri(), "_100k", HEAP_100K, window, "≤ 120", true);
            }
        }
    }

    private static void jmh(boolean quick) throws Exception {
        new Runner(new OptionsBuilder()
                        .include("io\\.mlflowexporter\\..*Benchmark")
                        .forks(1)
                        .warmupIterations(quick ? 2 : 5)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(quick ? 3 : 10)
                        .measurementTime(TimeValue.seconds(1))
                        .build())
                .run();
    }

    private static String machine() throws IOException {
        List<String> memory = Files.readAllLines(Path.of("/proc/meminfo"));
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.replaceFirst(".*: *", ""))
                .findFirst()
                .orElse("unknown processor");
        return String.format(
                Locale.ROOT,
                "%s: %d cores (%s), %.0f GiB, Java %s, load %s",
                Instant.now(),
                Runtime.getRuntime().availableProcessors(),
                model,
                Long.parseLong(memory.get(0).replaceAll("[^0-9]", "")) / 1048576.0,
                System.getProperty("java.version"),
                Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }
}

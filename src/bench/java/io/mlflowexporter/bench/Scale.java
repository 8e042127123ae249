package io.mlflowexporter.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What a hundred times as many runs change. */
final class Scale {
    private static final int SMALL = 10_000;
    private static final int LARGE = 1_000_000;
    private static final int CHANGED = 100;
    private static final Duration LIMIT = Duration.ofMinutes(20);

    private final Path jar;
    private final Report report;
    private final int rounds;

    Scale(Path jar, Report report, int rounds) {
        this.jar = jar;
        this.report = report;
        this.rounds = rounds;
    }

    private record Sight(
            double firstSeconds,
            double refreshSeconds,
            double refreshCpuSeconds,
            double rss,
            double peak,
            double heapBytes,
            double stopSeconds,
            double restartSeconds) {}

    void run(String smallHeap, String largeHeap) throws IOException, InterruptedException {
        Sight small = look(SMALL, smallHeap);
        Sight large = look(LARGE, largeHeap);
        report.add(
                "refresh_1m_vs_10k",
                large.refreshSeconds / small.refreshSeconds,
                "≤ 2",
                String.format(
                        "%d new finished runs before each refresh: %.3f s at 1,000,000 runs, %.3f s at 10,000; medians"
                                + " of %d",
                        CHANGED, large.refreshSeconds, small.refreshSeconds, rounds));
        report.add(
                "refresh_cpu_1m_vs_10k",
                large.refreshCpuSeconds / small.refreshCpuSeconds,
                "≤ 2",
                String.format(
                        "the same by processor time of the thread that refreshes: %.3f s, %.3f s",
                        large.refreshCpuSeconds, small.refreshCpuSeconds));
        report.add(
                "rss_mib_1m",
                large.rss,
                "≤ 400",
                String.format(
                        "-Xmx%s; peak since start %.0f MiB; at 10,000 runs %.0f MiB",
                        largeHeap, large.peak, small.rss));
        report.add(
                "heap_bytes_per_run",
                (large.heapBytes - small.heapBytes) / (LARGE - SMALL),
                "none",
                String.format(
                        "live heap %.1f MiB at 1,000,000 runs, %.1f MiB at 10,000",
                        large.heapBytes / (1 << 20), small.heapBytes / (1 << 20)));
        report.add("first_read_seconds_1m", large.firstSeconds, "none", "from listening to the first whole snapshot");
        if (Double.isNaN(large.restartSeconds)) {
            report.skip("restart_seconds_1m", "< 5", "this version keeps no checkpoint");
        } else {
            report.add(
                    "checkpoint_write_seconds_1m",
                    large.stopSeconds,
                    "none",
                    "from SIGTERM to the end of the process, which writes the checkpoint");
            report.add(
                    "restart_seconds_1m", large.restartSeconds, "< 5", "from starting the process to a whole snapshot");
        }
    }

    private Sight look(int runs, String heap) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("bench-checkpoint");
        Path checkpoint = folder.resolve("checkpoint");
        boolean keeps = Exporter.knows(jar, "checkpoint");
        String[] settings =
                keeps ? new String[] {"checkpoint:", "  file: " + checkpoint, "  interval: 1d"} : new String[0];
        try (Simulated server = Simulated.start(runs)) {
            Report.say(String.format("simulated server: %,d runs in %.0f MiB", runs, server.residentMebibytes()));
            try (Exporter exporter = Exporter.start(jar, server.uri(), "5s", heap, settings)) {
                double first = exporter.awaitSnapshot(LIMIT);
                exporter.awaitRefresh(LIMIT);
                double[] took = new double[rounds];
                double[] cpu = new double[rounds];
                double[] resident = new double[rounds];
                for (int i = 0; i < rounds; i++) {
                    exporter.awaitRefresh(LIMIT);
                    double before = exporter.refreshSeconds();
                    double cpuBefore = exporter.refreshCpuSeconds();
                    double refreshes = exporter.refreshes();
                    server.addRuns(CHANGED);
                    exporter.awaitRefresh(LIMIT);
                    took[i] = exporter.refreshSeconds() - before;
                    // On a slow machine there was one while the runs were made.
                    double several = exporter.refreshes() - refreshes;
                    took[i] /= several;
                    cpu[i] = (exporter.refreshCpuSeconds() - cpuBefore) / several;
                    exporter.scrape();
                    resident[i] = exporter.residentMebibytes();
                }
                double peak = exporter.peakMebibytes();
                double heapBytes = exporter.liveHeapBytes();
                Report.say(String.format(
                        "%,d runs: refresh %.3f s, of a processor %.3f s; %.0f MiB, peak %.0f MiB, live %.1f MiB",
                        runs,
                        Report.median(took),
                        Report.median(cpu),
                        Report.median(resident),
                        peak,
                        heapBytes / (1 << 20)));
                long stopping = System.nanoTime();
                exporter.stop();
                double stop = (System.nanoTime() - stopping) / 1e9;
                double restart = keeps ? restart(server.uri(), heap, settings) : Double.NaN;
                return new Sight(
                        first,
                        Report.median(took),
                        Report.median(cpu),
                        Report.median(resident),
                        peak,
                        heapBytes,
                        stop,
                        restart);
            }
        } finally {
            Files.deleteIfExists(checkpoint);
            folder.toFile().deleteOnExit();
        }
    }

    private double restart(URI server, String heap, String[] settings) throws IOException, InterruptedException {
        double[] seconds = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            try (Exporter again = Exporter.start(jar, server, "5s", heap, settings)) {
                again.awaitSnapshot(LIMIT);
                seconds[i] = again.age();
                again.stop();
            }
        }
        return Report.median(seconds);
    }
}

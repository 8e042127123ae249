package io.mlflowexporter.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What reading a server takes: the first time, and when nothing has changed since. */
final class Reading {
    private static final Duration LIMIT = Duration.ofMinutes(20);

    /** @param seconds of the exporter's first reading; its peak of memory then */
    record Cold(double seconds, double peakMebibytes) {}

    private final Path jar;
    private final Report report;

    Reading(Path jar, Report report) {
        this.jar = jar;
        this.report = report;
    }

    /** Cold reading against a bare download of the same pages, one after the other, each so many times. */
    Cold cold(URI mlflow, String label, String heap, int rounds) throws IOException, InterruptedException {
        List<byte[]> requests;
        try (CountingProxy proxy = new CountingProxy(mlflow);
                Exporter exporter = Exporter.start(jar, proxy.uri(), "1d", heap)) {
            exporter.awaitSnapshot(LIMIT);
            requests = proxy.requests();
        }
        double[] syncs = new double[rounds];
        double[] downloads = new double[rounds];
        double peak = 0;
        long bytes = 0;
        for (int i = 0; i < rounds; i++) {
            bytes = 0;
            long began = System.nanoTime();
            try (Reader reader = new Reader(mlflow)) {
                for (byte[] request : requests) {
                    bytes += reader.exchange(request);
                }
            }
            downloads[i] = (System.nanoTime() - began) / 1e9;
            try (Exporter exporter = Exporter.start(jar, mlflow, "1d", heap)) {
                syncs[i] = exporter.awaitSnapshot(LIMIT);
                peak = Math.max(peak, exporter.peakMebibytes());
            }
        }
        double sync = Report.median(syncs);
        double download = Report.median(downloads);
        report.add(
                "sync_vs_download" + label,
                sync / download,
                "≤ 1.1",
                String.format(
                        "cold reading to the first snapshot %.2f s; the same %d requests, answers thrown away, %.2f s"
                                + " (%.1f MB)",
                        sync, requests.size(), download, bytes / 1e6));
        return new Cold(sync, peak);
    }

    /** Requests and bytes of refreshes of an unchanged server, and the process's memory meanwhile. */
    void steady(URI mlflow, String label, String heap, int rounds, boolean memory)
            throws IOException, InterruptedException {
        try (CountingProxy proxy = new CountingProxy(mlflow);
                Exporter exporter = Exporter.start(jar, proxy.uri(), "5s", heap)) {
            exporter.awaitSnapshot(LIMIT);
            exporter.awaitRefresh(LIMIT);
            double[] calls = new double[rounds];
            double[] kilobytes = new double[rounds];
            double[] resident = new double[rounds];
            double secondsBefore = exporter.refreshSeconds();
            for (int i = 0; i < rounds; i++) {
                int callsBefore = proxy.requests().size();
                long bytesBefore = proxy.bytes();
                exporter.awaitRefresh(LIMIT);
                calls[i] = proxy.requests().size() - callsBefore;
                kilobytes[i] = (proxy.bytes() - bytesBefore) / 1000.0;
                exporter.scrape();
                resident[i] = exporter.residentMebibytes();
            }
            double seconds = (exporter.refreshSeconds() - secondsBefore) / rounds;
            String how = String.format("median of %d refreshes of an unchanged server, %.2f s each", rounds, seconds);
            report.add("steady_calls" + label, Report.median(calls), "≤ 10", how);
            report.add("steady_kilobytes" + label, Report.median(kilobytes), "none", how);
            if (memory) {
                report.add(
                        "rss_mib" + label,
                        Report.median(resident),
                        "≤ 150",
                        String.format("-Xmx%s; peak since start %.0f MiB", heap, exporter.peakMebibytes()));
            }
        }
    }
}

package io.mlflowexporter.cli;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a running exporter serves, snapshot by snapshot. */
final class ExporterScrapes {
    private static final Pattern SNAPSHOT = Pattern.compile("(?m)^mlflow_snapshot_timestamp_seconds (\\S+)$");
    private static final Duration BETWEEN = Duration.ofSeconds(1);
    private static final int LONGEST = 1 << 30;
    private static final int OK = 200;

    private final ExporterOptions exporter;
    private final URI metrics;
    private String lastSnapshot = "";

    /** @param address of the exporter, with or without the path of its metrics */
    ExporterScrapes(ExporterOptions exporter, URI address) {
        this.exporter = exporter;
        this.metrics = address.getPath().length() > 1 ? address : address.resolve("/metrics");
    }

    /** What the exporter says now. */
    String take() throws IOException {
        String text = scrape();
        lastSnapshot = snapshot(text);
        return text;
    }

    /** What the exporter says of its next snapshot; of the same one where it takes too long to come. */
    String next(Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        String text = scrape();
        while (snapshot(text).equals(lastSnapshot) && System.nanoTime() < deadline) {
            try {
                Thread.sleep(BETWEEN.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            text = scrape();
        }
        lastSnapshot = snapshot(text);
        return text;
    }

    private static String snapshot(String text) {
        Matcher found = SNAPSHOT.matcher(text);
        return found.find() ? found.group(1) : "";
    }

    private String scrape() throws IOException {
        ExporterOptions.Answer answer = exporter.ask(metrics, "text/plain", LONGEST);
        if (answer.status() != OK) {
            throw new IOException(ExporterOptions.shown(metrics) + " answered with HTTP status " + answer.status()
                    + "; is it the exporter's listener for metrics?");
        }
        return answer.text();
    }
}

package io.mlflowexporter.cli;

import io.mlflowexporter.audit.server.Observed;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a running exporter serves, snapshot by snapshot. */
final class ExporterScrapes {
    private static final Pattern SNAPSHOT = Pattern.compile("(?m)^mlflow_snapshot_timestamp_seconds (\\S+)$");
    private static final Duration BETWEEN = Duration.ofSeconds(1);
    private static final int LONGEST = 1 << 30;
    private static final int LONGEST_OBSERVED = 8 << 20;
    private static final int UNAVAILABLE = 503;
    /** So often a refresh may come between the two questions, or take longer than the exporter has it wait. */
    private static final int TRIES = 5;

    private final ExporterOptions exporter;
    private final URI metrics;
    private final Optional<URI> status;
    private String lastSnapshot = "";

    /**
     * A scrape.
     *
     * @param observed what only the exporter saw, of the same snapshot if it could be had
     */
    record Taken(String scrape, Optional<Observed> observed) {}

    /**
     * Of one exporter.
     *
     * @param address of the exporter, with or without the path of its metrics
     * @param status of its status page, where it is to be asked for what only it saw
     */
    ExporterScrapes(ExporterOptions exporter, URI address, Optional<URI> status) {
        this.exporter = exporter;
        this.metrics = address.getPath().length() > 1 ? address : address.resolve("/metrics");
        this.status = status.map(it -> it.resolve("/api/v1/observed-runs"));
    }

    /** What the exporter says now. */
    Taken take() throws IOException {
        return observed(scrape());
    }

    private Taken observed(String first) throws IOException {
        Taken taken = new Taken(first, Optional.empty());
        for (int i = 0; i < TRIES && status.isPresent() && taken.observed().isEmpty(); i++) {
            if (i > 0) {
                pause();
                taken = new Taken(scrape(), Optional.empty());
            }
            String scrape = taken.scrape();
            Optional<Observed> observed =
                    observe(status.get()).filter(it -> it.snapshot().toEpochMilli() == millis(snapshot(scrape)));
            taken = new Taken(scrape, observed);
        }
        lastSnapshot = snapshot(taken.scrape());
        return taken;
    }

    /** Empty where it has no time to answer. */
    private Optional<Observed> observe(URI address) throws IOException {
        ExporterOptions.Answer answer = exporter.ask(address, "application/json", LONGEST_OBSERVED);
        if (answer.status() == UNAVAILABLE) {
            return Optional.empty();
        }
        return Optional.of(Observed.read(answer.expected("people")));
    }

    /** What the exporter says of its next snapshot; of the same one where it takes too long to come. */
    Taken next(Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        String text = scrape();
        while (snapshot(text).equals(lastSnapshot) && System.nanoTime() < deadline) {
            pause();
            text = scrape();
        }
        return observed(text);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(BETWEEN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String snapshot(String text) {
        Matcher found = SNAPSHOT.matcher(text);
        return found.find() ? found.group(1) : "";
    }

    private static long millis(String snapshot) {
        try {
            return Math.round(Double.parseDouble(snapshot) * 1000);
        } catch (NumberFormatException e) {
            return Long.MIN_VALUE;
        }
    }

    private String scrape() throws IOException {
        return exporter.ask(metrics, "text/plain", LONGEST).expected("metrics");
    }
}

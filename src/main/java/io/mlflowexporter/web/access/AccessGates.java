package io.mlflowexporter.web.access;

import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.reload.WatchedFile;
import io.mlflowexporter.web.access.WebFileSource.Secured;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The gates of the two listeners. An address that guesses at the one is limited at the other too.
 *
 * @param metrics for the listener for Prometheus
 * @param web for the listener for people
 */
public record AccessGates(AccessGate metrics, AccessGate web) {
    /**
     * Makes them of the files the configuration names.
     *
     * @param people what names the listeners answer to, and whom
     * @param clock by which certificates are out of date
     * @param reloads by which the files are read again, with the monotonic clock for waits and limits
     * @throws IOException if this Java cannot use a certificate, with a line for the user
     */
    public static AccessGates of(
            WebFiles files, WebConfig people, PrometheusRegistry live, InstantSource clock, Reloads reloads)
            throws IOException {
        AccessMetrics metrics = new AccessMetrics(live);
        FailureLimit failures = new FailureLimit(reloads::nanos);
        Passwords passwords = new Passwords(reloads::nanos);
        Optional<WatchedFile<Secured>> forMetrics = watch(files.metrics(), clock, reloads);
        Optional<WatchedFile<Secured>> forWeb =
                files.web().equals(files.metrics()) ? forMetrics : watch(files.web(), clock, reloads);
        return new AccessGates(
                new AccessGate(
                        "metrics",
                        forMetrics,
                        passwords,
                        failures,
                        metrics,
                        new AllowedHosts(people.hosts(), true),
                        false,
                        reloads::nanos),
                new AccessGate(
                        "web",
                        forWeb,
                        passwords,
                        failures,
                        metrics,
                        new AllowedHosts(people.hosts(), false),
                        people.localOnly(),
                        reloads::nanos));
    }

    private static Optional<WatchedFile<Secured>> watch(
            Optional<LoadedWebFile> file, InstantSource clock, Reloads reloads) throws IOException {
        return file.isPresent() ? Optional.of(WebFileSource.watch(file.get(), clock, reloads)) : Optional.empty();
    }
}

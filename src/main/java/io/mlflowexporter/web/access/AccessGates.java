package io.mlflowexporter.web.access;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;

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
     * @throws IOException if this Java cannot use a certificate, with a line for the user
     */
    public static AccessGates of(WebFiles files, WebConfig people, PrometheusRegistry live, InstantSource clock)
            throws IOException {
        return of(files, people, live, clock, System::nanoTime);
    }

    /** As the other, with a monotonic clock for waits and limits. */
    public static AccessGates of(
            WebFiles files, WebConfig people, PrometheusRegistry live, InstantSource clock, LongSupplier nanos)
            throws IOException {
        AccessMetrics metrics = new AccessMetrics(live);
        FailureLimit failures = new FailureLimit(nanos);
        Passwords passwords = new Passwords(nanos);
        Optional<WebFileWatch> forMetrics = watch(files.metrics(), metrics, clock, nanos);
        Optional<WebFileWatch> forWeb =
                files.web().equals(files.metrics()) ? forMetrics : watch(files.web(), metrics, clock, nanos);
        return new AccessGates(
                new AccessGate(
                        "metrics",
                        forMetrics,
                        passwords,
                        failures,
                        metrics,
                        new AllowedHosts(people.hosts(), true),
                        false,
                        nanos),
                new AccessGate(
                        "web",
                        forWeb,
                        passwords,
                        failures,
                        metrics,
                        new AllowedHosts(people.hosts(), false),
                        people.localOnly(),
                        nanos));
    }

    private static Optional<WebFileWatch> watch(
            Optional<LoadedWebFile> file, AccessMetrics metrics, InstantSource clock, LongSupplier nanos)
            throws IOException {
        return file.isPresent() ? Optional.of(new WebFileWatch(file.get(), metrics, clock, nanos)) : Optional.empty();
    }
}

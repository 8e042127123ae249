package io.mlflowexporter.demo.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the simulated server does wrong, changeable while it runs and safe for use by several threads. Endpoints are
 * named as in the REST API without its prefix: {@code runs/search}, {@code registered-models/search}, {@code version},
 * {@code workspaces}.
 */
public final class Faults {
    /** One way to fail. */
    public sealed interface Fault {}

    /**
     * An answer instead of the real one.
     *
     * @param retryAfterSeconds the {@code Retry-After} header, empty for none
     */
    public record Answer(int status, OptionalInt retryAfterSeconds, String contentType, String body) implements Fault {
        /** Status with an error in MLflow's JSON form. */
        public static Answer error(int status, String errorCode) {
            return new Answer(
                    status,
                    OptionalInt.empty(),
                    "application/json",
                    "{\"error_code\": \"" + errorCode + "\", \"message\": \"injected\"}");
        }

        /** 429 or 503 with {@code Retry-After}. */
        public static Answer retryAfter(int status, int seconds) {
            return new Answer(status, OptionalInt.of(seconds), "text/plain", "slow down");
        }

        /** A web page, as a proxy or a login form in between sends it. */
        public static Answer html(int status) {
            return new Answer(
                    status,
                    OptionalInt.empty(),
                    "text/html; charset=utf-8",
                    "<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>");
        }
    }

    /** The true answer cut short after so many bytes; HTTP itself is in order, the JSON is not. */
    public record Truncated(int bytes) implements Fault {}

    /** The connection is closed after so many bytes of the true answer, before its announced length. */
    public record Reset(int bytes) implements Fault {}

    /** The true answer, dripping: so many bytes, a pause, so many bytes. */
    public record Slow(int bytes, Duration pause) implements Fault {}

    /** How a value that is not finite is written. */
    public enum NonFinite {
        /** As MLflow's SQL store does: {@code "NaN"}, infinities as the greatest finite numbers. */
        AS_MLFLOW,
        /** All as strings: {@code "NaN"}, {@code "Infinity"}, {@code "-Infinity"}. */
        TEXT,
        /** All as bare tokens, which is not JSON. */
        TOKENS
    }

    /**
     * Answers that are unusual, not wrong.
     *
     * @param int64AsText 64-bit integers as JSON strings, as protobuf's own mapping writes them
     * @param unknownFields every object carries fields no client knows
     * @param unknownEnums statuses and stages are words no client knows
     * @param repeatPageToken every page of a search names the token it was asked with, or a first one, as the next
     * @param duplicateExperiments every page of experiments but the first begins with the last one of the page before
     */
    public record Quirks(
            boolean int64AsText,
            NonFinite nonFinite,
            boolean unknownFields,
            boolean unknownEnums,
            boolean repeatPageToken,
            boolean duplicateExperiments) {
        /** As the real server. */
        public static final Quirks NONE = new Quirks(false, NonFinite.AS_MLFLOW, false, false, false, false);

        public Quirks withInt64AsText() {
            return new Quirks(true, nonFinite, unknownFields, unknownEnums, repeatPageToken, duplicateExperiments);
        }

        public Quirks withNonFinite(NonFinite form) {
            return new Quirks(int64AsText, form, unknownFields, unknownEnums, repeatPageToken, duplicateExperiments);
        }

        public Quirks withUnknownFields() {
            return new Quirks(int64AsText, nonFinite, true, unknownEnums, repeatPageToken, duplicateExperiments);
        }

        public Quirks withUnknownEnums() {
            return new Quirks(int64AsText, nonFinite, unknownFields, true, repeatPageToken, duplicateExperiments);
        }

        public Quirks withRepeatedPageToken() {
            return new Quirks(int64AsText, nonFinite, unknownFields, unknownEnums, true, duplicateExperiments);
        }

        public Quirks withDuplicateExperiments() {
            return new Quirks(int64AsText, nonFinite, unknownFields, unknownEnums, repeatPageToken, true);
        }
    }

    private record Planned(String endpoint, Fault fault) {}

    private static final String ANY = "";

    private final List<Planned> queue = new ArrayList<>();
    private final Map<String, Fault> lasting = new ConcurrentHashMap<>();
    private volatile Duration latency = Duration.ZERO;
    private volatile Quirks quirks = Quirks.NONE;

    /** The next requests, whatever they ask for, fail so. */
    public void next(int requests, Fault fault) {
        next(ANY, requests, fault);
    }

    /** The next requests to one endpoint fail so. */
    public void next(String endpoint, int requests, Fault fault) {
        synchronized (queue) {
            for (int i = 0; i < requests; i++) {
                queue.add(new Planned(endpoint, fault));
            }
        }
    }

    /** All requests to an endpoint fail so until {@link #clear()}; an endpoint that ends in {@code /} is a prefix. */
    public void always(String endpoint, Fault fault) {
        lasting.put(endpoint, fault);
    }

    /** All requests fail so until {@link #clear()}. */
    public void always(Fault fault) {
        lasting.put(ANY, fault);
    }

    /** The registry's endpoints answer 503 until {@link #clear()}, tracking's are fine. */
    public void registryDown() {
        Answer unavailable = Answer.error(503, "TEMPORARILY_UNAVAILABLE");
        always("registered-models/", unavailable);
        always("model-versions/", unavailable);
    }

    /** The endpoint is unknown, as on a server too old for it, until {@link #clear()}. */
    public void drop(String endpoint) {
        always(endpoint, Answer.error(404, "ENDPOINT_NOT_FOUND"));
    }

    /** Every answer comes this much later. */
    public void latency(Duration delay) {
        latency = delay;
    }

    /** Changes how answers are written. */
    public void quirks(Quirks unusual) {
        quirks = unusual;
    }

    /** Back to no fault at all. */
    public void clear() {
        synchronized (queue) {
            queue.clear();
        }
        lasting.clear();
        latency = Duration.ZERO;
        quirks = Quirks.NONE;
    }

    Duration latency() {
        return latency;
    }

    Quirks quirks() {
        return quirks;
    }

    Optional<Fault> take(String endpoint) {
        synchronized (queue) {
            for (int i = 0; i < queue.size(); i++) {
                if (queue.get(i).endpoint().equals(ANY)
                        || queue.get(i).endpoint().equals(endpoint)) {
                    return Optional.of(queue.remove(i).fault());
                }
            }
        }
        return lasting.entrySet().stream()
                .filter(e -> e.getKey().equals(ANY)
                        || e.getKey().equals(endpoint)
                        || (e.getKey().endsWith("/") && endpoint.startsWith(e.getKey())))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}

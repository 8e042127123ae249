package io.mlflowexporter.mlflow.rest.transport;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** How long to wait before a request is sent again. */
public record RetryPolicy(int retries, Duration first, DoubleSupplier random) {
    private static final int MOST_DOUBLINGS = 10;
    private static final int MOST_DIGITS = 9;
    private static final long LONGEST_SECONDS = 999_999_999;

    /**
     * The pause before the retry with this number, counted from 0: the first pause doubled each time, of which a random
     * half is taken off so that clients do not come back together; what the server asked for if it asked.
     */
    public Duration pause(int retry, Optional<Duration> retryAfter) {
        if (retryAfter.isPresent()) {
            return retryAfter.get();
        }
        double factor = (1L << Math.min(retry, MOST_DOUBLINGS)) * (0.5 + random.getAsDouble() / 2);
        return Duration.ofNanos((long) (first.toNanos() * factor));
    }

    /** Reads a Retry-After header (RFC 9110, 10.2.3): seconds or a date. Unreadable: empty. */
    public static Optional<Duration> retryAfter(String header, Instant now) {
        String text = header.strip();
        if (text.matches("[0-9]+")) {
            // Longer than any refresh is long enough: what a server asks for is never shortened by its many digits.
            return Optional.of(
                    Duration.ofSeconds(text.length() > MOST_DIGITS ? LONGEST_SECONDS : Long.parseLong(text)));
        }
        try {
            Duration until = Duration.between(
                    now,
                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
            return Optional.of(until.isNegative() ? Duration.ZERO : until);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}

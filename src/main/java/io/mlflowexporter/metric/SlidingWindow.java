package io.mlflowexporter.metric;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** The stretches of time up to now that gauges look back on and that go on with the clock, the shortest first. */
public enum SlidingWindow {
    DAY("1d", 1),
    WEEK("7d", 7),
    THIRTY_DAYS("30d", 30);

    private final String label;
    private final long millis;

    SlidingWindow(String label, int days) {
        this.label = label;
        this.millis = Duration.ofDays(days).toMillis();
    }

    /** The one of this label; empty where it is that of another kind of window. */
    public static Optional<SlidingWindow> of(String label) {
        return Arrays.stream(values())
                .filter(window -> window.label.equals(label))
                .findFirst();
    }

    /** Value of the {@code window} label. */
    public String label() {
        return label;
    }

    /** How long it is. */
    public long millis() {
        return millis;
    }
}

package io.mlflowexporter.it;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Waits for a condition by asking again, not for a time by sleeping. */
final class Await {
    private static final long ASK_AGAIN_NANOS = Duration.ofMillis(50).toNanos();

    private Await() {}

    /** The first value that is as wanted; fails with the last value or failure when the limit has passed. */
    static <T> T until(String what, Duration limit, Callable<T> value, Predicate<T> wanted) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            Object last;
            try {
                T got = value.call();
                if (wanted.test(got)) {
                    return got;
                }
                last = got;
            } catch (Exception e) {
                last = e;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + limit + ": " + what + "; last seen: " + shortened(last));
            }
            LockSupport.parkNanos(ASK_AGAIN_NANOS);
        }
    }

    private static String shortened(Object value) {
        String text = String.valueOf(value);
        return text.length() > 2_000 ? text.substring(0, 2_000) + "…" : text;
    }
}

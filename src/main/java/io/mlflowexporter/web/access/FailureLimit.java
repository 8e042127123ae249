package io.mlflowexporter.web.access;

import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often an address may be wrong: ten times at once, and then once in 30 s. The 10,000 addresses that failed last
 * are known, each as its {@link ClientNetwork}.
 *
 * <p>Times are readings of a monotonic clock in nanoseconds, which nobody can set back.
 */
public final class FailureLimit {
    public static final int BURST = 10;
    static final Duration ONE_MORE = Duration.ofSeconds(30);
    private static final long ONE_MORE_NANOS = ONE_MORE.toNanos();
    private static final int MOST_ADDRESSES = 10_000;

    /** When each would have all its tries again. */
    private final LinkedHashMap<String, Long> clearAt = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    /** How long until the address may try again; zero: it may. */
    synchronized Duration wait(InetAddress address, long now) {
        long left = left(ClientNetwork.of(address), now) - (BURST - 1) * ONE_MORE_NANOS;
        return left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
    }

    /**
     * Counts a try as a failure. Done before the password is checked, so that many tries at once are no way around the
     * limit; what was no failure is taken back.
     *
     * @return how many failures of the address counted before, 0 to 9; 10: it has to wait, and nothing was counted
     */
    synchronized int failed(InetAddress address, long now) {
        String key = ClientNetwork.of(address);
        long left = left(key, now);
        if (left > (BURST - 1) * ONE_MORE_NANOS) {
            return BURST;
        }
        clearAt.put(key, now + left + ONE_MORE_NANOS);
        return Math.toIntExact((left + ONE_MORE_NANOS - 1) / ONE_MORE_NANOS);
    }

    /** Takes back one failure. */
    synchronized void takeBack(InetAddress address, long now) {
        String key = ClientNetwork.of(address);
        long left = left(key, now) - ONE_MORE_NANOS;
        if (left <= 0) {
            clearAt.remove(key);
        } else {
            clearAt.put(key, now + left);
        }
    }

    synchronized int addresses() {
        return clearAt.size();
    }

    /** Nanoseconds until the address has all its tries again. */
    private long left(String key, long now) {
        return Math.max(0, clearAt.getOrDefault(key, now) - now);
    }
}

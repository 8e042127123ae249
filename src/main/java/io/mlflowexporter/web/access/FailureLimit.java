package io.mlflowexporter.web.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How often an address may be wrong: ten times at once, and then once in 30 s. 10,000 addresses that failed are known,
 * each as its {@link ClientNetwork}.
 */
public final class FailureLimit {
    public static final int BURST = 10;
    static final Duration ONE_MORE = Duration.ofSeconds(30);
    private static final long ONE_MORE_NANOS = ONE_MORE.toNanos();
    private static final int MOST_ADDRESSES = 10_000;

    private final LongSupplier nanos;
    /** When each has all its tries again, by the clock; by then it has expired too. */
    private final Cache<String, Long> clearAt;

    /** @param nanos a monotonic clock, which nobody can set back */
    public FailureLimit(LongSupplier nanos) {
        this.nanos = nanos;
        clearAt = Caffeine.newBuilder()
                .maximumSize(MOST_ADDRESSES)
                .expireAfterWrite(ONE_MORE.multipliedBy(BURST))
                .ticker(nanos::getAsLong)
                .executor(Runnable::run)
                .build();
    }

    /** How long until the address may try again; zero: it may. */
    synchronized Duration wait(InetAddress address) {
        long left = left(ClientNetwork.of(address), nanos.getAsLong()) - (BURST - 1) * ONE_MORE_NANOS;
        return left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
    }

    /**
     * Counts a try as a failure. Done before the password is checked, so that many tries at once are no way around the
     * limit; what was no failure is taken back.
     *
     * @return how many failures of the address counted before, 0 to 9; 10: it has to wait, and nothing was counted
     */
    synchronized int failed(InetAddress address) {
        String key = ClientNetwork.of(address);
        long now = nanos.getAsLong();
        long left = left(key, now);
        if (left > (BURST - 1) * ONE_MORE_NANOS) {
            return BURST;
        }
        clearAt.put(key, now + left + ONE_MORE_NANOS);
        return Math.toIntExact((left + ONE_MORE_NANOS - 1) / ONE_MORE_NANOS);
    }

    /** Takes back one failure. */
    synchronized void takeBack(InetAddress address) {
        String key = ClientNetwork.of(address);
        long now = nanos.getAsLong();
        long left = left(key, now) - ONE_MORE_NANOS;
        if (left <= 0) {
            clearAt.invalidate(key);
        } else {
            clearAt.put(key, now + left);
        }
    }

    /** How many addresses are known. */
    long addresses() {
        clearAt.cleanUp();
        return clearAt.estimatedSize();
    }

    /** Nanoseconds until the address has all its tries again. */
    private long left(String key, long now) {
        Long clear = clearAt.getIfPresent(key);
        return clear == null ? 0 : Math.max(0, clear - now);
    }
}

package io.mlflowexporter.web;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often an address may be wrong: ten times at once, and then once in 30 s. Addresses of IPv6 count as one per /64,
 * for a host has as many as it likes of them. The 10,000 addresses that failed last are known.
 */
final class FailureLimit {
    static final int BURST = 10;
    static final Duration ONE_MORE = Duration.ofSeconds(30);
    private static final int MOST_ADDRESSES = 10_000;
    private static final int NETWORK_BYTES = 8;

    /** When each would have all its tries again. */
    private final LinkedHashMap<String, Instant> clearAt = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    /** How long until the address may try again; zero: it may. */
    synchronized Duration wait(InetAddress address, Instant now) {
        Instant clear = clearAt.getOrDefault(key(address), Instant.MIN);
        if (!clear.isAfter(now)) {
            return Duration.ZERO;
        }
        Duration left = Duration.between(now, clear).minus(ONE_MORE.multipliedBy(BURST - 1L));
        return left.isNegative() ? Duration.ZERO : left;
    }

    synchronized void failed(InetAddress address, Instant now) {
        clearAt.merge(
                key(address), now.plus(ONE_MORE), (clear, first) -> (clear.isAfter(now) ? clear : now).plus(ONE_MORE));
    }

    synchronized int addresses() {
        return clearAt.size();
    }

    private static String key(InetAddress address) {
        byte[] bytes = address.getAddress();
        int length = address instanceof Inet6Address ? NETWORK_BYTES : bytes.length;
        return HexFormat.of().formatHex(bytes, 0, length);
    }
}

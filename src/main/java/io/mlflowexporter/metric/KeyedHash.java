package io.mlflowexporter.metric;

import java.security.SecureRandom;
import java.util.List;

/**
 * Hashes for tables whose keys come from MLflow, and so from whoever may write to it: by a number that is drawn for each
 * process, so that nobody can choose keys that meet in one place of a table. Not the same after a restart.
 *
 * <p>Texts are polynomials in that number modulo the prime 2^31 - 1: two different ones of length n meet with a chance of
 * n in 2^31 (J. L. Carter, M. N. Wegman, Universal Classes of Hash Functions, 1979).
 */
public final class KeyedHash {
    private static final int PRIME = Integer.MAX_VALUE;
    private static final long LONG_PRIME = (1L << 61) - 1;
    /** One to one, as it is odd: 2^64 by the golden ratio. */
    private static final long ODD = 0x9e3779b97f4a7c15L;

    private static final long BASE;
    private static final long LONG_BASE;
    private static final long FIRST;
    private static final long SECOND;

    static {
        SecureRandom random = new SecureRandom();
        // Not so small that short texts keep the order of their last bytes.
        BASE = (1L << 24) + random.nextInt(PRIME - (1 << 24));
        LONG_BASE = (1L << 60) + (random.nextLong() >>> 5);
        FIRST = random.nextLong();
        SECOND = random.nextLong() | 1;
    }

    private KeyedHash() {}

    /** Of some bytes; their number counts too. */
    public static int of(byte[] bytes, int from, int length) {
        long hash = length;
        for (int i = from; i < from + length; i++) {
            hash = hash * BASE + (bytes[i] & 0xff) + 1;
            // Twice, so that the next product stays below 2^63.
            hash = (hash & PRIME) + (hash >>> 31);
            hash = (hash & PRIME) + (hash >>> 31);
        }
        return of(hash, length);
    }

    /**
     * Of a text, so long that it stands for it: as the polynomials above, modulo the prime 2^61 - 1, so that two texts of
     * length n meet with a chance of n in 2^61.
     */
    public static long of(String text) {
        long hash = text.length();
        for (int i = 0; i < text.length(); i++) {
            long low = hash * LONG_BASE;
            hash = (low & LONG_PRIME) + (Math.multiplyHigh(hash, LONG_BASE) << 3 | low >>> 61) + text.charAt(i) + 1;
            hash = (hash & LONG_PRIME) + (hash >>> 61);
        }
        // So that the places of a table are used evenly.
        return hash % LONG_PRIME * ODD;
    }

    /** Of two numbers. */
    public static int of(long first, long second) {
        return folded(mixed(first ^ FIRST, second ^ SECOND));
    }

    private static long mixed(long a, long b) {
        return Math.multiplyHigh(a, b) ^ (a * b);
    }

    private static int folded(long hash) {
        return (int) (hash ^ (hash >>> 32));
    }

    /**
     * Of a text, for the place of a key in a table: as {@link String#hashCode}, but so that nobody can choose texts that
     * have one place. Takes four characters at once, as wyhash does.
     */
    public static int place(String text) {
        return folded(place(FIRST, text));
    }

    /** Of two texts. */
    public static int place(String first, String second) {
        return folded(place(place(FIRST, first), second));
    }

    /** Of a text and others. */
    public static int place(String first, List<String> others) {
        long hash = place(FIRST, first);
        for (int i = 0; i < others.size(); i++) {
            hash = place(hash, others.get(i));
        }
        return folded(hash);
    }

    private static long place(long before, String text) {
        int length = text.length();
        long hash = mixed(before ^ length, SECOND);
        int i = 0;
        for (; i + 4 <= length; i += 4) {
            long four = text.charAt(i)
                    | (long) text.charAt(i + 1) << 16
                    | (long) text.charAt(i + 2) << 32
                    | (long) text.charAt(i + 3) << 48;
            hash = mixed(hash ^ four, SECOND);
        }
        long rest = 0;
        for (; i < length; i++) {
            rest = rest << 16 | text.charAt(i);
        }
        return mixed(hash ^ rest, SECOND);
    }
}

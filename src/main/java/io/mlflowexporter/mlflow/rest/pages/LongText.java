package io.mlflowexporter.mlflow.rest.pages;

import java.io.Writer;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Takes a text of any length piece by piece and keeps its beginning and a hash of the whole, so that long texts that
 * begin alike stay different and none of them takes much memory.
 */
final class LongText extends Writer {
    /**
     * Longest text that is kept whole, in UTF-16 units: twice the name that MLflow's database takes. What rules, labels and
     * pages show is shorter.
     */
    static final int LONGEST = 1_000;

    private static final int KEPT = 900;
    private static final int HASH_BYTES = 8;

    private final StringBuilder beginning = new StringBuilder(KEPT);
    private final MessageDigest digest = sha256();
    private final ByteBuffer units = ByteBuffer.allocate(8 << 10);
    private int hash;

    @Override
    public void write(char[] text, int from, int length) {
        beginning.append(text, from, Math.min(length, KEPT - beginning.length()));
        for (int i = from; i < from + length; i++) {
            hash = 31 * hash + text[i];
            if (!units.hasRemaining()) {
                digest();
            }
            units.putChar(text[i]);
        }
    }

    private void digest() {
        digest.update(units.flip());
        units.clear();
    }

    /** {@link String#hashCode} of the whole text. */
    int hash() {
        return hash;
    }

    /** The beginning, {@code …} and sixteen hexadecimal digits of the whole text's SHA-256. */
    String cut() {
        digest();
        int end = beginning.length();
        if (end > 0 && Character.isHighSurrogate(beginning.charAt(end - 1))) {
            end--;
        }
        return beginning.substring(0, end) + '…' + HexFormat.of().formatHex(digest.digest(), 0, HASH_BYTES);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    @Override
    public void flush() {
        // Nothing waits.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}

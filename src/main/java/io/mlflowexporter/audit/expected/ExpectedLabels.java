package io.mlflowexporter.audit.expected;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What becomes of names on their way to label values, as {@code docs/metrics.md} says. */
final class ExpectedLabels {
    private static final int HASH_BYTES = 4;
    private static final int HASH_LENGTH = 2 * HASH_BYTES + 1;

    private final int longest;

    /** @param longest in code points */
    ExpectedLabels(int longest) {
        this.longest = longest;
    }

    String clean(String value) {
        StringBuilder text = new StringBuilder();
        value.codePoints()
                .map(c -> (Character.isISOControl(c) && c != '\n' && c != '\t')
                                || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
                        ? '\uFFFD'
                        : c)
                .forEach(text::appendCodePoint);
        String clean = text.toString();
        if (clean.codePointCount(0, clean.length()) > longest) {
            clean = clean.substring(0, clean.offsetByCodePoints(0, longest - HASH_LENGTH)) + '…' + hash(clean);
        }
        return clean.matches("_other_*") ? clean + '_' : clean;
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}

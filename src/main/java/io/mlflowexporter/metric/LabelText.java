package io.mlflowexporter.metric;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Makes any text a label value that every format can carry and every reader takes.
 *
 * <ul>
 *   <li>Lone surrogates, which UTF-8 cannot carry, and control characters except tab and line feed become U+FFFD.
 *       Prometheus's text parser takes a NUL for the end of the scrape.
 *   <li>What is longer than the limit is cut and ends in {@code …} and eight hexadecimal digits of the whole text's
 *       SHA-256: names that begin alike stay apart, and keep their series from scrape to scrape.
 *   <li>{@code _other}, with any number of underscores after it, gets one more: {@code _other} itself is only ever
 *       the series budget's.
 * </ul>
 */
public final class LabelText {
    /** The value that takes what the series budget folds. */
    public static final String OTHER = "_other";

    private static final int HASH_DIGITS = 8;
    private static final char REPLACEMENT = '\uFFFD';

    private final int maxLength;

    /** @param maxLength in code points, at least 16 */
    public LabelText(int maxLength) {
        this.maxLength = maxLength;
    }

    /** Cleans each value; the same list where nothing is to be done. */
    public List<String> clean(List<String> values) {
        List<String> cleaned = null;
        for (int i = 0; i < values.size(); i++) {
            String value = values.get(i);
            String text = clean(value);
            if (!text.equals(value)) {
                if (cleaned == null) {
                    cleaned = new ArrayList<>(values);
                }
                cleaned.set(i, text);
            }
        }
        return cleaned == null ? values : List.copyOf(cleaned);
    }

    public String clean(String value) {
        String text = isCarried(value) ? value : replaced(value);
        if (text.length() > maxLength && text.codePointCount(0, text.length()) > maxLength) {
            int end = text.offsetByCodePoints(0, maxLength - HASH_DIGITS - 1);
            text = text.substring(0, end) + '…' + hash(text);
        }
        return isOther(text) ? text + '_' : text;
    }

    private static boolean isCarried(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            // Surrogates, paired or not, take the slow way.
            if (isReplaced(c) || Character.isSurrogate(c)) {
                return false;
            }
        }
        return true;
    }

    private static String replaced(String value) {
        StringBuilder text = new StringBuilder(value.length());
        value.codePoints().forEach(c -> {
            boolean lone = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
            text.appendCodePoint(lone || isReplaced(c) ? REPLACEMENT : c);
        });
        return text.toString();
    }

    private static boolean isReplaced(int c) {
        return Character.isISOControl(c) && c != '\n' && c != '\t';
    }

    private static boolean isOther(String text) {
        if (!text.startsWith(OTHER)) {
            return false;
        }
        for (int i = OTHER.length(); i < text.length(); i++) {
            if (text.charAt(i) != '_') {
                return false;
            }
        }
        return true;
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASH_DIGITS / 2);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}

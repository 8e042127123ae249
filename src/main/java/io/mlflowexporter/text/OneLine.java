package io.mlflowexporter.text;

/**
 * Texts of unknown content on one line, for logs, terminals and pages: without control characters, line ends, characters
 * that turn the direction of writing or are not seen, and unpaired surrogates.
 */
public final class OneLine {
    /** The longest that is shown anywhere, in code points: what follows tells nobody anything. */
    public static final int LONGEST = 8192;

    private static final int LONGEST_WORDS = 200;

    private OneLine() {}

    /** Words that a server said: blanks for what is not shown, cut after 200 characters, without blanks around it. */
    public static String of(String text) {
        return of(text, LONGEST_WORDS).strip();
    }

    /** With blanks for what is not shown, character by character; a longer text is cut and ends in {@code …}. */
    public static String of(String text, int longest) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), longest) + 1);
        text.codePoints().limit(longest).forEach(c -> line.appendCodePoint(isShown(c) ? c : ' '));
        return line.append(isLonger(text, longest) ? "…" : "").toString();
    }

    /** With escapes for what is not shown, and for the backslash, so that no two texts look alike; cut when long. */
    public static String escaped(String text) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), LONGEST) + 16);
        text.codePoints().limit(LONGEST).forEach(c -> {
            if (isShown(c) && c != '\\') {
                line.appendCodePoint(c);
            } else {
                line.append(escape(c));
            }
        });
        if (isLonger(text, LONGEST)) {
            int more = text.length() - text.offsetByCodePoints(0, LONGEST);
            line.append("… (").append(more).append(" more)");
        }
        return line.toString();
    }

    /** The beginning of a text that is longer, without half a surrogate pair at the end. */
    public static String cut(String text, int longest) {
        return isLonger(text, longest) ? text.substring(0, text.offsetByCodePoints(0, longest)) + '…' : text;
    }

    private static boolean isLonger(String text, int longest) {
        return text.length() > longest && text.codePointCount(0, text.length()) > longest;
    }

    /** Whether the character is seen, and leaves those around it as they are. */
    public static boolean isShown(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }

    /** The character in letters and digits after a backslash, as in a quoted YAML scalar. */
    public static String escape(int codePoint) {
        return switch (codePoint) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\\' -> "\\\\";
            default -> String.format(codePoint > 0xffff ? "\\U%08x" : "\\u%04x", codePoint);
        };
    }
}

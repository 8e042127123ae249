package io.mlflowexporter.settings.value;

import java.util.regex.Pattern;

/** Texts of unknown content, made safe to show in a message or to write into YAML. */
public final class Quoted {
    /** Stands for every secret that is shown. */
    public static final String MASK = "********";

    private static final int LONGEST_SHOWN = 80;
    private static final Pattern USER_INFO = Pattern.compile("//[^/?#\\s]*@");
    private static final Pattern KEY = Pattern.compile("<<|[A-Za-z0-9_.-]*");
    private static final int LONGEST_KEY = 64;

    private Quoted() {}

    /** For messages: in quotes, on one line, cut when long, credentials in addresses masked. */
    public static String shown(String text) {
        String masked = withoutUserInfo(text);
        if (masked.length() > LONGEST_SHOWN) {
            int end = Character.isHighSurrogate(masked.charAt(LONGEST_SHOWN - 1)) ? LONGEST_SHOWN - 1 : LONGEST_SHOWN;
            return yaml(masked.substring(0, end) + "…");
        }
        return yaml(masked);
    }

    /** Masks what could be credentials in a text that need not be an address, because of a blank or a missing scheme. */
    public static String withoutUserInfo(String text) {
        int at = text.lastIndexOf('@');
        if (at < 0) {
            return text;
        }
        int slashes = text.indexOf("//");
        int start = slashes >= 0 && slashes < at ? slashes + 2 : 0;
        return text.substring(0, start) + MASK + text.substring(at);
    }

    /** A valid address with the user information masked. */
    public static String maskUserInfo(String uri) {
        return USER_INFO.matcher(uri).replaceFirst("//" + MASK + "@");
    }

    /**
     * A key that may be anything. Only its first word is shown: {@code password:hunter2}, written without the blank,
     * is a key to YAML.
     */
    public static String key(String key) {
        var word = KEY.matcher(key);
        int end = word.lookingAt() ? Math.min(word.end(), LONGEST_KEY) : 0;
        return end == key.length() ? key : key.substring(0, end) + "…";
    }

    /** A text that can stand in a comment: on one line. */
    public static String comment(String text) {
        String quoted = yaml(text);
        String inside = quoted.substring(1, quoted.length() - 1);
        return inside.equals(text) ? text : quoted;
    }

    /** A double-quoted YAML scalar; control, format and unpaired surrogate characters are escaped. */
    public static String yaml(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (isPlain(c)) {
                        out.appendCodePoint(c);
                    } else {
                        out.append(String.format(c > 0xffff ? "\\U%08x" : "\\u%04x", c));
                    }
                }
            }
        });
        return out.append('"').toString();
    }

    private static boolean isPlain(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}

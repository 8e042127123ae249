package io.mlflowexporter.settings.value;

import io.mlflowexporter.text.OneLine;
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
        return yaml(OneLine.cut(masked, LONGEST_SHOWN));
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

    /** A double-quoted YAML scalar; what is not seen, or has no meaning of its own, is escaped. */
    public static String yaml(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(c -> {
            if (c == '"') {
                out.append("\\\"");
            } else if (isPlain(c)) {
                out.appendCodePoint(c);
            } else {
                out.append(OneLine.escape(c));
            }
        });
        return out.append('"').toString();
    }

    private static boolean isPlain(int codePoint) {
        int type = Character.getType(codePoint);
        return OneLine.isShown(codePoint)
                && codePoint != '\\'
                && type != Character.PRIVATE_USE
                && type != Character.UNASSIGNED;
    }
}

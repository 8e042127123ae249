package io.mlflowexporter.config;

import java.util.Arrays;

/**
 * A pattern over whole names: {@code *} stands for any text, {@code ?} for one character, all else for itself, letter
 * case ignored.
 *
 * <p>Matched by hand and not by a regular expression: the names come from whoever may start a run, and a name made for
 * it would keep a backtracking {@code .*a.*b.*} busy for minutes. Here the worst case is the name's length times the
 * pattern's.
 */
public final class Glob {
    private static final int STAR = -1;
    private static final int ONE = -2;

    private final String text;
    private final int[] pattern;

    private Glob(String text) {
        this.text = text;
        this.pattern = text.codePoints()
                .map(c -> c == '*' ? STAR : c == '?' ? ONE : fold(c))
                .toArray();
    }

    /** Reads a pattern; every text is one. */
    public static Glob of(String text) {
        return new Glob(text);
    }

    /** Whether the whole name matches. */
    public boolean matches(String name) {
        int at = 0;
        int next = 0;
        // Where the newest star stands and how far the name went when it was met. Only that star ever has to take
        // more: what an older one could take instead, this one can take as well.
        int star = -1;
        int taken = 0;
        while (at < name.length()) {
            int c = name.codePointAt(at);
            if (next < pattern.length && pattern[next] == STAR) {
                star = next++;
                taken = at;
            } else if (next < pattern.length && (pattern[next] == ONE || pattern[next] == fold(c))) {
                next++;
                at += Character.charCount(c);
            } else if (star >= 0) {
                next = star + 1;
                taken += Character.charCount(name.codePointAt(taken));
                at = taken;
            } else {
                return false;
            }
        }
        return Arrays.stream(pattern, next, pattern.length).allMatch(c -> c == STAR);
    }

    /** Both ways, since some letters share only one of their two cases. */
    private static int fold(int codePoint) {
        return Character.toLowerCase(Character.toUpperCase(codePoint));
    }

    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Glob that && that.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}

package io.mlflowexporter.settings.value;

import java.util.Arrays;
import java.util.List;

/**
 * A pattern over whole names: {@code *} stands for any text, {@code ?} for one character, all else for itself, letter
 * case ignored.
 *
 * <p>Matched by hand and not by a regular expression: the names come from whoever may start a run, and a name made for
 * it would keep a backtracking {@code .*a.*b.*} busy for minutes. Here the worst case is the name's length times the
 * pattern's.
 */
@SettingType(
        value = "pattern",
        json = {"string", "number", "boolean"},
        quoted = true)
public final class Glob {
    private static final int STAR = -1;
    private static final int ONE = -2;

    /** A name made ready, for one that is to be matched with many patterns. */
    public static final class Name {
        private final int[] folded;
        private final long signs;

        /** Takes any text. */
        public Name(String text) {
            // By hand, as a name or two of each of a million runs are made ready.
            int[] characters = new int[text.length()];
            int length = 0;
            for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
                characters[length++] = fold(text.codePointAt(at));
            }
            folded = length == characters.length ? characters : Arrays.copyOf(characters, length);
            signs = signs(folded);
        }
    }

    private final String text;
    private final int[] pattern;
    private final long signs;

    private Glob(String text) {
        this.text = text;
        this.pattern = text.codePoints()
                .map(c -> c == '*' ? STAR : c == '?' ? ONE : fold(c))
                .toArray();
        this.signs = signs(pattern);
    }

    /** One bit for each character there is, which some share: a name that lacks one of a pattern's cannot match. */
    private static long signs(int[] characters) {
        long signs = 0;
        for (int c : characters) {
            signs |= c < 0 ? 0 : 1L << (c & 63);
        }
        return signs;
    }

    /** Whether it is a name, in which nothing stands for other text. */
    public boolean isName() {
        return Arrays.stream(pattern).noneMatch(c -> c < 0);
    }

    /** Reads a pattern; every text is one. */
    public static Glob of(String text) {
        return new Glob(text);
    }

    /** Whether the whole name matches one of the patterns, or there is none. */
    public static boolean anyOf(List<Glob> patterns, String text) {
        if (patterns.isEmpty()) {
            return true;
        }
        Name name = new Name(text);
        for (Glob pattern : patterns) {
            if (pattern.matches(name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the whole name matches. */
    public boolean matches(String name) {
        return matches(new Name(name));
    }

    /** Whether the whole name matches. */
    public boolean matches(Name name) {
        if ((signs & ~name.signs) != 0) {
            return false;
        }
        int[] characters = name.folded;
        int at = 0;
        int next = 0;
        // Where the newest star stands and how far the name went when it was met. Only that star ever has to take
        // more: what an older one could take instead, this one can take as well.
        int star = -1;
        int taken = 0;
        while (at < characters.length) {
            int c = characters[at];
            if (next < pattern.length && pattern[next] == STAR) {
                star = next++;
                taken = at;
            } else if (next < pattern.length && (pattern[next] == ONE || pattern[next] == c)) {
                next++;
                at++;
            } else if (star >= 0) {
                next = star + 1;
                taken++;
                at = taken;
            } else {
                return false;
            }
        }
        while (next < pattern.length && pattern[next] == STAR) {
            next++;
        }
        return next == pattern.length;
    }

    /** Both ways, since some letters share only one of their two cases. */
    private static int fold(int codePoint) {
        boolean small = codePoint >= 'a' && codePoint <= 'z';
        return small ? codePoint : Character.toLowerCase(Character.toUpperCase(codePoint));
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

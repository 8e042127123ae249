package io.mlflowexporter.config;

import java.util.regex.Pattern;

/**
 * A pattern over whole names: {@code *} stands for any text, {@code ?} for one character, all else for itself, letter
 * case ignored.
 */
public final class Glob {
    private final String text;
    private final Pattern pattern;

    private Glob(String text) {
        this.text = text;
        StringBuilder regex = new StringBuilder(text.length() + 8);
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '*' || c == '?') {
                if (!literal.isEmpty()) {
                    regex.append(Pattern.quote(literal.toString()));
                    literal.setLength(0);
                }
                // Possessive runs of stars would change what matches; collapsing them keeps `**…` cheap.
                if (c == '?') {
                    regex.append('.');
                } else if (i == 0 || text.charAt(i - 1) != '*') {
                    regex.append(".*");
                }
            } else {
                literal.append(c);
            }
        }
        if (!literal.isEmpty()) {
            regex.append(Pattern.quote(literal.toString()));
        }
        this.pattern =
                Pattern.compile(regex.toString(), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.DOTALL);
    }

    /** Reads a pattern; every text is one. */
    public static Glob of(String text) {
        return new Glob(text);
    }

    /** Whether the whole name matches. */
    public boolean matches(String name) {
        return pattern.matcher(name).matches();
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

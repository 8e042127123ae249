package io.mlflowexporter.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what a mistyped name was likely meant to be. */
public final class Suggestions {
    private static final int LONGEST = 100;

    private Suggestions() {}

    /** The nearest of the names, if it is near at all; case, dashes, dots and underscores do not count. */
    public static Optional<String> nearest(String typed, Collection<String> names) {
        if (typed.length() > LONGEST) {
            return Optional.empty();
        }
        String plain = plain(typed);
        return names.stream()
                .filter(name -> distance(plain, plain(name)) <= tolerance(plain(name)))
                .min(Comparator.comparingInt(name -> distance(plain, plain(name))));
    }

    private static int tolerance(String name) {
        return name.length() <= 3 ? 1 : Math.max(2, name.length() / 3);
    }

    private static String plain(String name) {
        return name.replaceAll("[-_. ]", "").toLowerCase(Locale.ROOT);
    }

    /** Levenshtein's: how many characters to insert, delete or replace. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}

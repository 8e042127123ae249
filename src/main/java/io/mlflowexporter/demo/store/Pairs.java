package io.mlflowexporter.demo.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A small map of text in order of insertion, for tags and params. One array, because a million runs have two of them
 * each.
 */
public final class Pairs {
    private static final String[] NONE = {};

    private String[] keysAndValues = NONE;

    public int size() {
        return keysAndValues.length / 2;
    }

    @Nullable
    public String get(String key) {
        int at = indexOf(key);
        return at < 0 ? null : keysAndValues[at + 1];
    }

    void put(String key, String value) {
        int at = indexOf(key);
        if (at < 0) {
            at = keysAndValues.length;
            keysAndValues = Arrays.copyOf(keysAndValues, at + 2);
            keysAndValues[at] = key;
        }
        keysAndValues[at + 1] = value;
    }

    public boolean remove(String key) {
        int at = indexOf(key);
        if (at < 0) {
            return false;
        }
        String[] left = new String[keysAndValues.length - 2];
        System.arraycopy(keysAndValues, 0, left, 0, at);
        System.arraycopy(keysAndValues, at + 2, left, at, left.length - at);
        keysAndValues = left;
        return true;
    }

    public String key(int index) {
        return keysAndValues[2 * index];
    }

    public String value(int index) {
        return keysAndValues[2 * index + 1];
    }

    private int indexOf(String key) {
        for (int i = 0; i < keysAndValues.length; i += 2) {
            if (keysAndValues[i].equals(key)) {
                return i;
            }
        }
        return -1;
    }
}

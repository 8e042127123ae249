package io.mlflowexporter.mlflow.rest.pages;

import io.mlflowexporter.metric.KeyedHash;

/** Remembers texts of any length, by a hash of 64 bits that stands for each: 11 to 22 bytes a text. */
public final class SeenTexts {
    private static final int FIRST_CAPACITY = 64;

    /** 0 is free. */
    private long[] slots = new long[FIRST_CAPACITY];

    private int size;

    /** Whether it was not there yet. */
    public boolean add(String text) {
        long hash = KeyedHash.of(text);
        if (!put(hash == 0 ? 1 : hash)) {
            return false;
        }
        if (++size > slots.length / 4 * 3) {
            long[] before = slots;
            slots = new long[2 * before.length];
            for (long known : before) {
                if (known != 0) {
                    put(known);
                }
            }
        }
        return true;
    }

    private boolean put(long hash) {
        // The upper half, which KeyedHash mixes best.
        int slot = (int) (hash >>> 32) & (slots.length - 1);
        while (slots[slot] != 0) {
            if (slots[slot] == hash) {
                return false;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = hash;
        return true;
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    /** Forgets all. */
    public void clear() {
        slots = new long[FIRST_CAPACITY];
        size = 0;
    }
}

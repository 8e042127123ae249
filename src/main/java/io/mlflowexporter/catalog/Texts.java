package io.mlflowexporter.catalog;

import io.mlflowexporter.checkpoint.FieldReader;
import io.mlflowexporter.checkpoint.FieldWriter;
import io.mlflowexporter.mlflow.KeyedHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Texts of which nearly every run may have one of its own, such as names: their UTF-8 bytes one after the other, each
 * after its length, known by where it begins. Equal texts are stored once. A text is made into a string each time it is
 * asked for. What changes leaves its old text behind until {@link #forgetUnused}.
 */
final class Texts {
    /** Stands for the empty text. */
    static final int EMPTY = 0;

    private static final int LENGTH_BYTES = Integer.BYTES;

    /** Less is not worth a look at all rows. */
    private static final int UNUSED_AT_LEAST = 256 << 10;

    private byte[] bytes = new byte[1024];
    private int end = LENGTH_BYTES;
    private int count;
    /** Where texts begin, by open addressing; 0 is free. */
    private int[] slots = new int[256];
    /** Where they ended when it was last looked at what is in use; not written: after a restart it is looked at again. */
    private int used;

    /** Where the text is now. */
    int put(String text) {
        if (text.isEmpty()) {
            return EMPTY;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return put(utf8, 0, utf8.length);
    }

    private int put(byte[] utf8, int from, int length) {
        int slot = slot(utf8, from, length);
        if (slots[slot] != 0) {
            return slots[slot];
        }
        int at = end;
        reserve(LENGTH_BYTES + (long) length);
        putLength(at, length);
        System.arraycopy(utf8, from, bytes, at + LENGTH_BYTES, length);
        end = at + LENGTH_BYTES + length;
        slots[slot] = at;
        if (++count > slots.length / 4 * 3) {
            index(slots.length * 2);
        }
        return at;
    }

    String get(int at) {
        return at == EMPTY ? "" : new String(bytes, at + LENGTH_BYTES, length(at), StandardCharsets.UTF_8);
    }

    private int slot(byte[] text, int from, int length) {
        int slot = KeyedHash.of(text, from, length) & (slots.length - 1);
        while (slots[slot] != 0 && !equal(slots[slot], text, from, length)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private boolean equal(int at, byte[] text, int from, int length) {
        int begin = at + LENGTH_BYTES;
        return length(at) == length && Arrays.equals(bytes, begin, begin + length, text, from, from + length);
    }

    /** What they take, bytes, with the longer copy that they are moved to when they have no room left. */
    long weight() {
        return bytes.length + 3L * bytes.length / 2 + (long) Integer.BYTES * slots.length;
    }

    /**
     * Forgets what no row refers to, once that may be more than half of all; rows are looked at only when as much was
     * added.
     *
     * @param rows in each column
     * @param columns all that refer to these texts; they take on new places
     */
    void forgetUnused(int rows, int[]... columns) {
        if (end <= 2L * used + UNUSED_AT_LEAST) {
            return;
        }
        Texts kept = new Texts();
        for (int[] column : columns) {
            for (int row = 0; row < rows; row++) {
                int at = column[row];
                column[row] = at == EMPTY ? EMPTY : kept.put(bytes, at + LENGTH_BYTES, length(at));
            }
        }
        bytes = kept.bytes;
        end = kept.end;
        count = kept.count;
        slots = kept.slots;
        used = end;
    }

    private void index(int capacity) {
        slots = new int[capacity];
        for (int at = LENGTH_BYTES; at < end; at += LENGTH_BYTES + length(at)) {
            slots[slot(bytes, at + LENGTH_BYTES, length(at))] = at;
        }
    }

    private void reserve(long more) {
        if (end + more > bytes.length) {
            long capacity = Math.max(end + more, bytes.length + bytes.length / 2L);
            // Two gigabytes of names: past any server there is, and past the memory long before.
            bytes = Arrays.copyOf(bytes, Math.toIntExact(capacity));
        }
    }

    private void putLength(int at, int length) {
        for (int i = 0; i < LENGTH_BYTES; i++) {
            bytes[at + i] = (byte) (length >>> (8 * i));
        }
    }

    private int length(int at) {
        int length = 0;
        for (int i = 0; i < LENGTH_BYTES; i++) {
            length |= (bytes[at + i] & 0xFF) << (8 * i);
        }
        return length;
    }

    /** Whether a text begins there, as far as can be told without going through all. */
    boolean holds(int at) {
        return at == EMPTY || (at >= LENGTH_BYTES && at <= end - LENGTH_BYTES && length(at) <= end - at - LENGTH_BYTES);
    }

    void write(FieldWriter out) throws IOException {
        out.bytes("texts", bytes, end);
    }

    static Texts read(FieldReader in) throws IOException {
        Texts read = new Texts();
        read.bytes = in.bytes();
        read.end = read.bytes.length;
        if (read.end < LENGTH_BYTES) {
            throw new IOException("the texts end before they begin");
        }
        for (int at = LENGTH_BYTES; at < read.end; at += LENGTH_BYTES + read.length(at)) {
            if (read.end - at < LENGTH_BYTES || read.length(at) <= 0 || !read.holds(at)) {
                throw new IOException("a text does not end where it should");
            }
            read.count++;
        }
        read.index(Math.max(256, Integer.highestOneBit(Math.max(1, read.count)) * 4));
        return read;
    }
}

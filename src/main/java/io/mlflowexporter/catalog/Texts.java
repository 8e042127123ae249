package io.mlflowexporter.catalog;

import io.mlflowexporter.checkpoint.FieldReader;
import io.mlflowexporter.checkpoint.FieldWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Texts of which nearly every run may have one of its own, such as names: their UTF-8 bytes one after the other, each
 * after its length, known by where it begins. Equal texts are stored once. A text is made into a string each time it is
 * asked for, and none is ever forgotten.
 */
final class Texts {
    /** Stands for the empty text. */
    static final int EMPTY = 0;

    private static final int LENGTH_BYTES = Integer.BYTES;

    private byte[] bytes = new byte[1024];
    private int end = LENGTH_BYTES;
    private int count;
    /** Where texts begin, by open addressing; 0 is free. */
    private int[] slots = new int[256];

    /** Where the text is now. */
    int put(String text) {
        if (text.isEmpty()) {
            return EMPTY;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int slot = slot(utf8, 0, utf8.length);
        if (slots[slot] != 0) {
            return slots[slot];
        }
        int at = end;
        reserve(LENGTH_BYTES + (long) utf8.length);
        putLength(at, utf8.length);
        System.arraycopy(utf8, 0, bytes, at + LENGTH_BYTES, utf8.length);
        end = at + LENGTH_BYTES + utf8.length;
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
        int slot = hash(text, from, length) & (slots.length - 1);
        while (slots[slot] != 0 && !equal(slots[slot], text, from, length)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private boolean equal(int at, byte[] text, int from, int length) {
        int begin = at + LENGTH_BYTES;
        return length(at) == length && Arrays.equals(bytes, begin, begin + length, text, from, from + length);
    }

    private static int hash(byte[] text, int from, int length) {
        int hash = 0;
        for (int i = from; i < from + length; i++) {
            hash = 31 * hash + text[i];
        }
        return hash ^ (hash >>> 15);
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

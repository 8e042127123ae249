package io.mlflowexporter.catalog.columns;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.KeyedHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Texts of which nearly every run may have one of its own, such as names: their UTF-8 bytes one after the other, each
 * after its length, known by where it begins. Equal texts are stored once. A text is made into a string each time it is
 * asked for. What changes leaves its old text behind until {@link #forgetUnused}.
 */
public final class Texts {
    /** Stands for the empty text. */
    public static final int EMPTY = 0;

    private static final int LENGTH_BYTES = Integer.BYTES;

    /** Less is not worth a look at all rows. */
    private static final int UNUSED_AT_LEAST = 256 << 10;

    private final ByteChunks bytes = new ByteChunks();
    private int count;
    /** Where texts begin, by open addressing; 0 is free. */
    private int[] slots = new int[256];
    /** Where they ended when it was last looked at what is in use; not written: after a restart it is looked at again. */
    private int used;

    public Texts() {
        // No text begins at EMPTY.
        bytes.append(new byte[LENGTH_BYTES], 0, LENGTH_BYTES);
    }

    /** Where the text is now. */
    public int put(String text) {
        if (text.isEmpty()) {
            return EMPTY;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int slot = slot(utf8, 0, utf8.length);
        if (slots[slot] != 0) {
            return slots[slot];
        }
        int at = bytes.size();
        bytes.append(lengthOf(utf8), 0, LENGTH_BYTES);
        bytes.append(utf8, 0, utf8.length);
        slots[slot] = at;
        if (++count > slots.length / 4 * 3) {
            index(slots.length * 2);
        }
        return at;
    }

    public String get(int at) {
        if (at == EMPTY) {
            return "";
        }
        return bytes.make(
                at + LENGTH_BYTES,
                length(at),
                (utf8, from, length) -> new String(utf8, from, length, StandardCharsets.UTF_8));
    }

    private int slot(byte[] text, int from, int length) {
        int slot = KeyedHash.of(text, from, length) & (slots.length - 1);
        while (slots[slot] != 0 && !equal(slots[slot], text, from, length)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private boolean equal(int at, byte[] text, int from, int length) {
        return length(at) == length && bytes.equal(at + LENGTH_BYTES, text, from, length);
    }

    /** What they take, bytes, with what the table of places and a look at what is in use take for a moment. */
    public long weight() {
        long places = 3L * Integer.BYTES * slots.length;
        return bytes.weight() + places + bytes.size() / Byte.SIZE + 2L * Integer.BYTES * count;
    }

    /**
     * Forgets what no row refers to, once that may be more than half of all; rows are looked at only when as much was
     * added. Texts that stay move together within the same memory.
     *
     * @param rows in each column
     * @param columns all that refer to these texts; they take on new places
     */
    public void forgetUnused(int rows, int[]... columns) {
        if (bytes.size() <= 2L * used + UNUSED_AT_LEAST) {
            return;
        }
        BitSet referred = new BitSet(bytes.size());
        for (int[] column : columns) {
            for (int row = 0; row < rows; row++) {
                referred.set(column[row]);
            }
        }
        int[] before = new int[count];
        int[] now = new int[count];
        int kept = 0;
        int to = LENGTH_BYTES;
        for (int at = LENGTH_BYTES; at < bytes.size(); ) {
            int size = LENGTH_BYTES + length(at);
            if (referred.get(at)) {
                bytes.move(at, to, size);
                before[kept] = at;
                now[kept++] = to;
                to += size;
            }
            at += size;
        }
        for (int[] column : columns) {
            for (int row = 0; row < rows; row++) {
                int found = Arrays.binarySearch(before, 0, kept, column[row]);
                column[row] = found < 0 ? EMPTY : now[found];
            }
        }
        bytes.truncate(to);
        count = kept;
        index(capacity(count));
        used = to;
    }

    private static int capacity(int texts) {
        return Math.max(256, Integer.highestOneBit(Math.max(1, texts)) * 4);
    }

    private void index(int capacity) {
        slots = new int[capacity];
        for (int at = LENGTH_BYTES; at < bytes.size(); at += LENGTH_BYTES + length(at)) {
            slots[bytes.make(at + LENGTH_BYTES, length(at), this::slot)] = at;
        }
    }

    private static byte[] lengthOf(byte[] text) {
        byte[] length = new byte[LENGTH_BYTES];
        for (int i = 0; i < LENGTH_BYTES; i++) {
            length[i] = (byte) (text.length >>> (Byte.SIZE * i));
        }
        return length;
    }

    private int length(int at) {
        int length = 0;
        for (int i = 0; i < LENGTH_BYTES; i++) {
            length |= (bytes.get(at + i) & 0xFF) << (Byte.SIZE * i);
        }
        return length;
    }

    /** Whether a text begins there, as far as can be told without going through all. */
    public boolean holds(int at) {
        int end = bytes.size();
        return at == EMPTY || (at >= LENGTH_BYTES && at <= end - LENGTH_BYTES && fits(at, end));
    }

    private boolean fits(int at, int end) {
        int length = length(at);
        return length > 0 && length <= end - at - LENGTH_BYTES;
    }

    public void write(FieldWriter out) throws IOException {
        out.bytes("texts", bytes.stream(), bytes.size());
    }

    public static Texts read(FieldReader in) throws IOException {
        Texts read = new Texts();
        read.bytes.truncate(0);
        in.bytes(read.bytes::append);
        int end = read.bytes.size();
        if (end < LENGTH_BYTES) {
            throw new IOException("the texts end before they begin");
        }
        for (int at = LENGTH_BYTES; at < end; at += LENGTH_BYTES + read.length(at)) {
            if (end - at < LENGTH_BYTES || !read.fits(at, end)) {
                throw new IOException("a text does not end where it should");
            }
            read.count++;
        }
        read.index(capacity(read.count));
        return read;
    }
}

package io.mlflowexporter.catalog;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Writes and reads what a catalog is made of. A length that cannot be true ends in an {@link IOException}. */
final class Binary {
    /** Big enough that calls do not count, small enough that a false length asks for no memory. */
    private static final int CHUNK = 1 << 16;

    private Binary() {}

    static void text(DataOutput out, String text) throws IOException {
        bytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(DataInput in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static void bytes(DataOutput out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] bytes(DataInput in) throws IOException {
        int length = count(in);
        byte[] read = new byte[0];
        for (int at = 0; at < length; ) {
            int more = Math.min(CHUNK, length - at);
            read = read.length >= at + more ? read : Arrays.copyOf(read, (int) Math.min(length, 2L * at + more));
            in.readFully(read, at, more);
            at += more;
        }
        return read;
    }

    static int count(DataInput in) throws IOException {
        int count = in.readInt();
        if (count < 0) {
            throw new IOException("a count is negative");
        }
        return count;
    }

    /** The first elements of a column. */
    static void bytes(DataOutput out, byte[] column, int size) throws IOException {
        out.writeInt(size);
        out.write(column, 0, size);
    }

    static byte[] bytes(DataInput in, int size) throws IOException {
        byte[] column = bytes(in);
        expect(column.length, size);
        return column;
    }

    static void ints(DataOutput out, int[] column, int size) throws IOException {
        out.writeInt(size);
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        for (int i = 0; i < size; i++) {
            buffer.putInt(column[i]);
            if (!buffer.hasRemaining() || i == size - 1) {
                out.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        }
    }

    static int[] ints(DataInput in, int size) throws IOException {
        expect(in.readInt(), size);
        int[] column = new int[0];
        byte[] chunk = new byte[CHUNK];
        for (int at = 0; at < size; ) {
            int more = Math.min(CHUNK / Integer.BYTES, size - at);
            column = column.length >= at + more ? column : Arrays.copyOf(column, (int) Math.min(size, 2L * at + more));
            in.readFully(chunk, 0, more * Integer.BYTES);
            ByteBuffer.wrap(chunk).asIntBuffer().get(column, at, more);
            at += more;
        }
        return column;
    }

    static void longs(DataOutput out, long[] column, int size) throws IOException {
        out.writeInt(size);
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        for (int i = 0; i < size; i++) {
            buffer.putLong(column[i]);
            if (!buffer.hasRemaining() || i == size - 1) {
                out.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        }
    }

    static long[] longs(DataInput in, int size) throws IOException {
        expect(in.readInt(), size);
        long[] column = new long[0];
        byte[] chunk = new byte[CHUNK];
        for (int at = 0; at < size; ) {
            int more = Math.min(CHUNK / Long.BYTES, size - at);
            column = column.length >= at + more ? column : Arrays.copyOf(column, (int) Math.min(size, 2L * at + more));
            in.readFully(chunk, 0, more * Long.BYTES);
            ByteBuffer.wrap(chunk).asLongBuffer().get(column, at, more);
            at += more;
        }
        return column;
    }

    static void expect(int found, int expected) throws IOException {
        if (found != expected) {
            throw new IOException("a column holds " + found + " rows instead of " + expected);
        }
    }

    /** A number that stands for one of so many things. */
    static int index(int number, int bound) throws IOException {
        if (number < 0 || number >= bound) {
            throw new IOException("a number is out of range");
        }
        return number;
    }

    static void texts(DataOutput out, Map<String, String> pairs) throws IOException {
        out.writeInt(pairs.size());
        for (Map.Entry<String, String> pair : new TreeMap<>(pairs).entrySet()) {
            text(out, pair.getKey());
            text(out, pair.getValue());
        }
    }

    static Map<String, String> texts(DataInput in) throws IOException {
        int count = count(in);
        Map<String, String> pairs = new HashMap<>();
        for (int i = 0; i < count; i++) {
            String key = text(in);
            pairs.put(key, text(in));
        }
        return pairs;
    }
}

package io.mlflowexporter.checkpoint.fields;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;

/** Takes a column's bytes as they come; memory grows with what has come, whatever the file says of its length. */
final class ColumnReader<A> extends OutputStream {
    static final Kind<byte[]> BYTES =
            new Kind<>(FieldWriter.BYTES, Byte.BYTES, byte[]::new, (from, to, at, n) -> from.get(to, at, n));
    static final Kind<int[]> INTS = new Kind<>(
            FieldWriter.INTS,
            Integer.BYTES,
            int[]::new,
            (from, to, at, n) -> from.asIntBuffer().get(to, at, n));
    static final Kind<long[]> LONGS = new Kind<>(
            FieldWriter.LONGS,
            Long.BYTES,
            long[]::new,
            (from, to, at, n) -> from.asLongBuffer().get(to, at, n));
    static final Kind<double[]> DOUBLES = new Kind<>(
            FieldWriter.DOUBLES,
            Double.BYTES,
            double[]::new,
            (from, to, at, n) -> from.asDoubleBuffer().get(to, at, n));

    /** As many elements as there are. */
    static final int ANY = -1;

    private static final int CHUNK = 1 << 13;

    /** Gets so many elements into an array, from a place in it on. */
    interface Decoder<A> {
        void get(ByteBuffer from, A to, int at, int n);
    }

    /** A type of column. */
    record Kind<A>(int tag, int width, IntFunction<A> array, Decoder<A> decoder) {}

    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    private final Kind<A> kind;
    private final int expected;
    private final FieldMemory room;
    private A elements;
    private int capacity;
    private int size;

    ColumnReader(Kind<A> kind, int expected, FieldMemory room) {
        this.kind = kind;
        this.expected = expected;
        this.room = room;
        this.elements = kind.array().apply(0);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        for (int at = offset; at < offset + length; ) {
            int n = Math.min(chunk.remaining(), offset + length - at);
            chunk.put(from, at, n);
            at += n;
            if (!chunk.hasRemaining()) {
                decode();
            }
        }
    }

    private void decode() throws IOException {
        chunk.flip();
        int n = chunk.limit() / kind.width();
        if (expected != ANY && n > expected - size) {
            throw new IOException("a column holds more than " + expected + " elements");
        }
        int needed = Math.addExact(size, n);
        if (needed > capacity) {
            long more = Math.max(needed, 2L * capacity);
            resize((int) Math.min(more, expected == ANY ? Integer.MAX_VALUE - 8 : expected));
        }
        kind.decoder().get(chunk, elements, size, n);
        size = needed;
        chunk.clear();
    }

    private void resize(int newCapacity) throws IOException {
        room.take((long) newCapacity * kind.width());
        A grown = kind.array().apply(newCapacity);
        System.arraycopy(elements, 0, grown, 0, size);
        room.give((long) capacity * kind.width());
        elements = grown;
        capacity = newCapacity;
    }

    /** What came. */
    A whole() throws IOException {
        if (chunk.position() % kind.width() != 0) {
            throw new IOException("a column ends within an element");
        }
        decode();
        if (expected != ANY && size != expected) {
            throw new IOException("a column holds " + size + " elements instead of " + expected);
        }
        if (size != capacity) {
            resize(size);
        }
        return elements;
    }
}

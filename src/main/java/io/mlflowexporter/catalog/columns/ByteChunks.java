package io.mlflowexporter.catalog.columns;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A row of bytes that grows by pieces, so that nothing is copied, and held twice, when there are more. */
final class ByteChunks {
    private static final int BITS = 15;
    private static final int CHUNK = 1 << BITS;

    private final List<byte[]> chunks = new ArrayList<>();
    private int size;

    int size() {
        return size;
    }

    /** What they take, bytes, with the chunk that is begun next. */
    long weight() {
        return (chunks.size() + 1L) * CHUNK;
    }

    byte get(int at) {
        return chunks.get(at >>> BITS)[offset(at)];
    }

    private static int offset(int at) {
        return at & (CHUNK - 1);
    }

    void append(byte[] from, int offset, int length) {
        // Two gigabytes of names: past any server there is, and past the memory long before.
        int end = Math.addExact(size, length);
        for (int taken = 0; size < end; ) {
            if (size >>> BITS == chunks.size()) {
                chunks.add(new byte[CHUNK]);
            }
            int n = Math.min(end - size, CHUNK - offset(size));
            System.arraycopy(from, offset + taken, chunks.get(size >>> BITS), offset(size), n);
            taken += n;
            size += n;
        }
    }

    /** Makes something of bytes that lie together. */
    interface Maker<T> {
        T of(byte[] bytes, int from, int length);
    }

    /** Makes something of what lies in a chunk, or of a copy of what lies in several. */
    <T> T make(int at, int length, Maker<T> maker) {
        if (length <= CHUNK - offset(at)) {
            return maker.of(chunks.get(at >>> BITS), offset(at), length);
        }
        byte[] copy = new byte[length];
        for (int done = 0; done < length; ) {
            int from = at + done;
            int n = Math.min(length - done, CHUNK - offset(from));
            System.arraycopy(chunks.get(from >>> BITS), offset(from), copy, done, n);
            done += n;
        }
        return maker.of(copy, 0, length);
    }

    boolean equal(int at, byte[] other, int from, int length) {
        for (int done = 0; done < length; ) {
            int begin = offset(at + done);
            int n = Math.min(length - done, CHUNK - begin);
            byte[] chunk = chunks.get((at + done) >>> BITS);
            if (!Arrays.equals(chunk, begin, begin + n, other, from + done, from + done + n)) {
                return false;
            }
            done += n;
        }
        return true;
    }

    /** Moves bytes towards the beginning, over what lies there. */
    void move(int at, int to, int length) {
        for (int done = 0; at != to && done < length; ) {
            int from = at + done;
            int into = to + done;
            int n = Math.min(length - done, CHUNK - Math.max(offset(from), offset(into)));
            System.arraycopy(chunks.get(from >>> BITS), offset(from), chunks.get(into >>> BITS), offset(into), n);
            done += n;
        }
    }

    /** Forgets the last ones. */
    void truncate(int newSize) {
        size = newSize;
        int needed = (newSize + CHUNK - 1) >>> BITS;
        chunks.subList(needed, chunks.size()).clear();
    }

    /** All of them, while nothing changes. */
    InputStream stream() {
        return new InputStream() {
            private int next;

            @Override
            public int read() {
                return next == size ? -1 : get(next++) & 0xFF;
            }

            @Override
            public int read(byte[] to, int offset, int most) {
                if (next == size) {
                    return most == 0 ? 0 : -1;
                }
                int n = Math.min(Math.min(most, size - next), CHUNK - offset(next));
                System.arraycopy(chunks.get(next >>> BITS), offset(next), to, offset, n);
                next += n;
                return n;
            }
        };
    }
}

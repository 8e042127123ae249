package io.mlflowexporter.mlflow.rest.transport;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;

/**
 * Bytes in pieces, which are let go as they are read: a body never takes more than it is long, and no longer when it
 * has become something else. Written by one thread, then read by one.
 */
final class ResponseBody extends InputStream {
    private static final int PIECE = 16 << 10;

    private final ArrayDeque<ByteBuffer> pieces = new ArrayDeque<>();
    private long length;

    /** All that was written. */
    long length() {
        return length;
    }

    /** Takes over what the buffer holds. The buffer may be part of a much larger one, so it is not kept. */
    void write(ByteBuffer from) {
        length += from.remaining();
        while (from.hasRemaining()) {
            ByteBuffer last = pieces.peekLast();
            if (last == null || last.limit() == last.capacity()) {
                last = ByteBuffer.allocate(PIECE).limit(0);
                pieces.add(last);
            }
            int n = Math.min(from.remaining(), last.capacity() - last.limit());
            from.get(last.array(), last.limit(), n);
            last.limit(last.limit() + n);
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int most) {
        Objects.checkFromIndexSize(offset, most, to.length);
        if (most == 0) {
            return 0;
        }
        ByteBuffer first = pieces.peek();
        if (first == null) {
            return -1;
        }
        int n = Math.min(most, first.remaining());
        first.get(to, offset, n);
        if (!first.hasRemaining()) {
            pieces.remove();
        }
        return n;
    }

    /** GZIPInputStream asks after a member's end whether another follows. */
    @Override
    public int available() {
        ByteBuffer first = pieces.peek();
        return first == null ? 0 : first.remaining();
    }
}

package io.mlflowexporter.otlp;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Reads the one thing of interest in an {@code ExportMetricsServiceResponse}: what was refused of it. */
final class OtlpAnswer {
    private static final int DELIMITED = 2;

    private OtlpAnswer() {}

    /** How many data points were rejected; 0 where nothing says so. */
    static long rejected(byte[] body) {
        try {
            ByteBuffer partial = field(ByteBuffer.wrap(body), 1);
            while (partial.hasRemaining()) {
                long tag = varint(partial);
                if (tag == 1 << 3) {
                    return varint(partial);
                }
                skip(partial, tag);
            }
        } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException e) {
            // Not what the protocol says; the status was, and counts.
            return 0;
        }
        return 0;
    }

    /** The content of a message field; empty where it is not there. */
    private static ByteBuffer field(ByteBuffer in, int number) {
        while (in.hasRemaining()) {
            long tag = varint(in);
            if (tag == ((number << 3) | DELIMITED)) {
                int length = Math.toIntExact(varint(in));
                return in.slice().limit(length);
            }
            skip(in, tag);
        }
        return ByteBuffer.allocate(0);
    }

    private static void skip(ByteBuffer in, long tag) {
        long length = switch ((int) (tag & 7)) {
            case 0 -> {
                varint(in);
                yield 0;
            }
            case 1 -> Long.BYTES;
            case DELIMITED -> varint(in);
            case 5 -> Integer.BYTES;
            default -> throw new IllegalArgumentException("no such type");
        };
        // A negative one would lead back, and round and round.
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("no such length");
        }
        in.position(in.position() + (int) length);
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number without end");
    }
}

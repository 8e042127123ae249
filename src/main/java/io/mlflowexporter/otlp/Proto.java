package io.mlflowexporter.otlp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes a message in Protocol Buffers' wire format. Fields that hold their default are left out by the caller. */
final class Proto {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int DELIMITED = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Proto varint(int field, long value) {
        tag(field, VARINT);
        raw(value);
        return this;
    }

    /** {@code sint32}, for numbers that may be negative. */
    Proto zigzag(int field, int value) {
        return varint(field, Integer.toUnsignedLong((value << 1) ^ (value >> 31)));
    }

    Proto fixed64(int field, long value) {
        tag(field, FIXED64);
        little(value);
        return this;
    }

    Proto real(int field, double value) {
        return fixed64(field, Double.doubleToRawLongBits(value));
    }

    Proto text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Proto message(int field, Proto value) {
        tag(field, DELIMITED);
        raw(value.out.size());
        out.writeBytes(value.out.toByteArray());
        return this;
    }

    private Proto bytes(int field, byte[] value) {
        tag(field, DELIMITED);
        raw(value.length);
        out.writeBytes(value);
        return this;
    }

    /** A packed list of {@code fixed64}, or of doubles by their bits. */
    Proto packedFixed64(int field, long... values) {
        tag(field, DELIMITED);
        raw((long) values.length * Long.BYTES);
        for (long value : values) {
            little(value);
        }
        return this;
    }

    /** A packed list of varints. */
    Proto packedVarints(int field, long... values) {
        Proto inner = new Proto();
        for (long value : values) {
            inner.raw(value);
        }
        return message(field, inner);
    }

    /** The fields of another message after those of this one. */
    Proto append(Proto other) {
        out.writeBytes(other.out.toByteArray());
        return this;
    }

    int size() {
        return out.size();
    }

    byte[] toByteArray() {
        return out.toByteArray();
    }

    private void tag(int field, int type) {
        raw(((long) field << 3) | type);
    }

    private void raw(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            out.write((int) (left & 0x7f) | 0x80);
            left >>>= 7;
        }
        out.write((int) left);
    }

    private void little(long value) {
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            out.write((int) (value >>> shift));
        }
    }
}

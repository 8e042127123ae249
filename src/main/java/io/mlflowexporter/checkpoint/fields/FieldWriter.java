package io.mlflowexporter.checkpoint.fields;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;

/** Writes named fields of a section. {@link FieldReader} has a method of the same name for each of these. */
public final class FieldWriter {
    /** Tags of RFC 8746: bytes, big-endian signed integers of 32 and 64 bits, and floating-point numbers of 64. */
    public static final int BYTES = 64;

    public static final int INTS = 74;

    public static final int LONGS = 75;
    static final int DOUBLES = 82;

    private static final int CHUNK = 1 << 13;
    private static final CBORFactory FACTORY = new CBORFactory();

    private final CBORGenerator out;

    /** Writes the fields of one element of a list. */
    @FunctionalInterface
    public interface Element<T> {
        public void write(FieldWriter out, T element) throws IOException;
    }

    private FieldWriter(CBORGenerator out) {
        this.out = out;
    }

    /** Writes one object, which is all there is. */
    public static void write(OutputStream to, Section fields) throws IOException {
        try (CBORGenerator out = FACTORY.createGenerator(to)) {
            // What is written so far is of no use where writing fails.
            out.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
            out.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            out.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
            out.writeStartObject();
            fields.write(new FieldWriter(out));
            out.writeEndObject();
        }
    }

    public void number(String name, long value) throws IOException {
        out.writeNumberField(name, value);
    }

    public void real(String name, double value) throws IOException {
        out.writeNumberField(name, value);
    }

    public void flag(String name, boolean value) throws IOException {
        out.writeBooleanField(name, value);
    }

    /** A text of any characters, half a surrogate pair included. */
    public void text(String name, String value) throws IOException {
        out.writeFieldName(name);
        text(value);
    }

    private void text(String value) throws IOException {
        if (value.codePoints().noneMatch(FieldWriter::halfPair)) {
            out.writeString(value);
        } else {
            // UTF-8 has no bytes for it.
            ByteBuffer chars = ByteBuffer.allocate(Math.multiplyExact(value.length(), Character.BYTES));
            chars.asCharBuffer().put(value);
            out.writeBinary(chars.array());
        }
    }

    private static boolean halfPair(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    public void texts(String name, Collection<String> values) throws IOException {
        out.writeArrayFieldStart(name);
        for (String value : values) {
            text(value);
        }
        out.writeEndArray();
    }

    /** A map whose keys are data, such as tags: keys and values by turns. */
    public void pairs(String name, Map<String, String> pairs) throws IOException {
        out.writeArrayFieldStart(name);
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            text(pair.getKey());
            text(pair.getValue());
        }
        out.writeEndArray();
    }

    public void object(String name, Section fields) throws IOException {
        out.writeObjectFieldStart(name);
        fields.write(this);
        out.writeEndObject();
    }

    /** A list of objects. */
    public <T> void list(String name, Iterable<T> elements, Element<T> element) throws IOException {
        out.writeArrayFieldStart(name);
        for (T one : elements) {
            out.writeStartObject();
            element.write(this, one);
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    /** The first elements of a column. */
    public void bytes(String name, byte[] column, int size) throws IOException {
        column(name, BYTES, new ByteArrayInputStream(column, 0, size), size);
    }

    /** A column of so many bytes, as they come. */
    public void bytes(String name, InputStream bytes, int length) throws IOException {
        column(name, BYTES, bytes, length);
    }

    /** The first elements of a column. */
    public void ints(String name, int[] column, int size) throws IOException {
        column(
                name,
                INTS,
                Integer.BYTES,
                size,
                (to, from, n) -> to.asIntBuffer().put(column, from, n));
    }

    /** The first elements of a column. */
    public void longs(String name, long[] column, int size) throws IOException {
        column(name, LONGS, Long.BYTES, size, (to, from, n) -> to.asLongBuffer().put(column, from, n));
    }

    /** The first elements of a column. */
    public void doubles(String name, double[] column, int size) throws IOException {
        column(
                name,
                DOUBLES,
                Double.BYTES,
                size,
                (to, from, n) -> to.asDoubleBuffer().put(column, from, n));
    }

    private void column(String name, int tag, int width, int size, Encoder encoder) throws IOException {
        column(name, tag, new Encoded(width, size, encoder), Math.multiplyExact(width, size));
    }

    /** A column from its bytes. */
    public void column(String name, int tag, InputStream bytes, int length) throws IOException {
        out.writeFieldName(name);
        out.writeTag(tag);
        out.writeBinary(Base64Variants.MIME, bytes, length);
    }

    /** Puts so many elements from this one on into a buffer. */
    private interface Encoder {
        void put(ByteBuffer buffer, int from, int n);
    }

    /** The bytes of a column, some at a time. */
    private static final class Encoded extends InputStream {
        private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK).limit(0);
        private final int width;
        private final int size;
        private final Encoder encoder;
        private int next;

        Encoded(int width, int size, Encoder encoder) {
            this.width = width;
            this.size = size;
            this.encoder = encoder;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("only some at a time");
        }

        @Override
        public int read(byte[] to, int offset, int length) {
            if (!buffer.hasRemaining()) {
                int n = Math.min(CHUNK / width, size - next);
                if (n == 0) {
                    return -1;
                }
                buffer.clear();
                encoder.put(buffer, next, n);
                buffer.limit(n * width);
                next += n;
            }
            int n = Math.min(length, buffer.remaining());
            buffer.get(to, offset, n);
            return n;
        }
    }
}

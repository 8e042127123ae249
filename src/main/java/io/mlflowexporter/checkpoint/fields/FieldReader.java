package io.mlflowexporter.checkpoint.fields;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads named fields of a section, in whatever order they come:
 *
 * <pre>{@code
 * static Tally read(FieldReader in) throws IOException {
 *     Tally read = new Tally();
 *     while (in.next()) {
 *         switch (in.name()) {
 *             case "deployments" -> read.deployments = in.number();
 *             case "leadTimes" -> read.leadTimes = in.object(DurationHistogram::read);
 *             default -> {
 *                 // Of another version.
 *             }
 *         }
 *     }
 *     return read;
 * }
 * }</pre>
 *
 * A field that is not asked for its value is skipped; one that the file lacks leaves what the object began with. A small
 * object without lists of objects is read more shortly with {@link #fields}. A value of another type, and a length that
 * cannot be true, end in an {@link IOException}; nothing is allocated for more than has been read.
 */
public final class FieldReader {
    /** Texts up to this length, and so many of them, are one object where they are equal. */
    private static final int SHARED_LENGTH = 64;

    private static final int SHARED_TEXTS = 1 << 16;

    /** Stands for what {@link #fields} leaves out. */
    private static final Object NOT_HERE = new Object();

    private static final CBORFactory FACTORY = CBORFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    // The file's own size is the bound: texts grow as their bytes come.
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /** What an object or a text takes at least, bytes. */
    private static final int OBJECT = 32;

    private final CBORParser in;
    private final FieldMemory room;
    private final Map<String, String> shared = new HashMap<>();
    private String name = "";
    private boolean taken = true;

    /** Reads an object's fields. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(FieldReader in) throws IOException;
    }

    /** Takes an object's fields. */
    @FunctionalInterface
    public interface Each {
        void read(FieldReader in) throws IOException;
    }

    /** Takes bytes of a column, some at a time. */
    @FunctionalInterface
    public interface Sink {
        void take(byte[] from, int offset, int length) throws IOException;
    }

    private FieldReader(CBORParser in, FieldMemory room) {
        this.in = in;
        this.room = room;
    }

    /** Reads what {@link FieldWriter#write} wrote, or as much of it as the reader wants. */
    public static void read(InputStream from, FieldMemory room, Reader<?> reader) throws IOException {
        try (CBORParser in = FACTORY.createParser(from)) {
            in.nextToken();
            FieldReader fields = new FieldReader(in, room);
            fields.expect(JsonToken.START_OBJECT);
            reader.read(fields);
        }
    }

    /** Steps to the next field; false: the object has no more. */
    public boolean next() throws IOException {
        if (!taken) {
            in.skipChildren();
        }
        taken = true;
        JsonToken token = in.nextToken();
        if (token == JsonToken.END_OBJECT) {
            return false;
        }
        expect(JsonToken.FIELD_NAME);
        name = in.currentName();
        in.nextToken();
        taken = false;
        return true;
    }

    /** The field's name. */
    public String name() {
        return name;
    }

    public long number() throws IOException {
        take(JsonToken.VALUE_NUMBER_INT);
        return in.getLongValue();
    }

    /** A number that fits an int and is not negative. */
    public int count() throws IOException {
        return count(name, number());
    }

    static int count(String name, long number) throws IOException {
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new IOException("field " + name + ": " + number + " cannot be a count");
        }
        return (int) number;
    }

    public double real() throws IOException {
        take(JsonToken.VALUE_NUMBER_FLOAT);
        return in.getDoubleValue();
    }

    public boolean flag() throws IOException {
        taken = true;
        if (in.currentToken() == JsonToken.VALUE_TRUE) {
            return true;
        }
        expect(JsonToken.VALUE_FALSE);
        return false;
    }

    public String text() throws IOException {
        taken = true;
        if (in.currentToken() == JsonToken.VALUE_EMBEDDED_OBJECT && in.getCurrentTag() < 0) {
            return ByteBuffer.wrap(in.getBinaryValue()).asCharBuffer().toString();
        }
        expect(JsonToken.VALUE_STRING);
        String text = in.getText();
        if (text.length() <= SHARED_LENGTH) {
            String known = shared.get(text);
            if (known != null) {
                return known;
            }
            if (shared.size() < SHARED_TEXTS) {
                shared.put(text, text);
            }
        }
        room.take(OBJECT + text.length());
        return text;
    }

    /** One of an enum's constants, which is written as its name. */
    public <E extends Enum<E>> E one(Class<E> type) throws IOException {
        return one(name, text(), type);
    }

    static <E extends Enum<E>> E one(String name, String text, Class<E> type) throws IOException {
        try {
            return Enum.valueOf(type, text);
        } catch (IllegalArgumentException e) {
            throw new IOException("field " + name + ": no " + type.getSimpleName() + " " + text, e);
        }
    }

    public List<String> texts() throws IOException {
        take(JsonToken.START_ARRAY);
        List<String> texts = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            texts.add(text());
        }
        return List.copyOf(texts);
    }

    public Map<String, String> pairs() throws IOException {
        return Fields.pairs(texts());
    }

    /** An object; what its reader leaves of it is skipped. */
    public <T> T object(Reader<T> reader) throws IOException {
        take(JsonToken.START_OBJECT);
        JsonStreamContext around = in.getParsingContext().getParent();
        room.take(OBJECT);
        T read = reader.read(this);
        while (in.getParsingContext() != around) {
            next();
        }
        return read;
    }

    /** As {@link #object(Reader)}. */
    public void into(Each reader) throws IOException {
        object(fields -> {
            reader.read(fields);
            return fields;
        });
    }

    public <T> List<T> list(Reader<T> reader) throws IOException {
        List<T> elements = new ArrayList<>();
        each(element -> elements.add(reader.read(element)));
        return elements;
    }

    /** The elements of a list of objects, one after the other. */
    public void each(Each reader) throws IOException {
        take(JsonToken.START_ARRAY);
        while (in.nextToken() != JsonToken.END_ARRAY) {
            into(reader);
        }
    }

    /**
     * All fields of the object that are no objects, lists of objects or columns; for small objects. It is the reader of an
     * {@link #object} or a {@link #list}'s element.
     */
    public Fields fields() throws IOException {
        Map<String, Object> values = new HashMap<>();
        while (next()) {
            Object value = switch (in.currentToken()) {
                case VALUE_NUMBER_INT -> number();
                case VALUE_NUMBER_FLOAT -> real();
                case VALUE_TRUE, VALUE_FALSE -> flag();
                case VALUE_STRING -> text();
                case VALUE_EMBEDDED_OBJECT -> in.getCurrentTag() < 0 ? text() : NOT_HERE;
                case START_ARRAY -> textsOrNot();
                default -> NOT_HERE;
            };
            if (value != NOT_HERE) {
                values.put(name, value);
            }
        }
        return new Fields(values);
    }

    private Object textsOrNot() throws IOException {
        taken = true;
        List<String> texts = new ArrayList<>();
        boolean all = true;
        while (in.nextToken() != JsonToken.END_ARRAY) {
            if (in.currentToken().isStructStart()) {
                in.skipChildren();
                all = false;
            } else {
                texts.add(text());
            }
        }
        return all ? List.copyOf(texts) : NOT_HERE;
    }

    /** A column of any number of bytes. */
    public byte[] bytes() throws IOException {
        return column(ColumnReader.BYTES, ColumnReader.ANY);
    }

    /** A column of any number of bytes, as they come. */
    public void bytes(Sink sink) throws IOException {
        begin(FieldWriter.BYTES);
        in.readBinaryValue(Base64Variants.MIME, new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] from, int offset, int length) throws IOException {
                room.take(length);
                sink.take(from, offset, length);
            }
        });
    }

    /** A column of so many bytes. */
    public byte[] bytes(int size) throws IOException {
        return column(ColumnReader.BYTES, size);
    }

    public int[] ints() throws IOException {
        return column(ColumnReader.INTS, ColumnReader.ANY);
    }

    public int[] ints(int size) throws IOException {
        return column(ColumnReader.INTS, size);
    }

    public long[] longs() throws IOException {
        return column(ColumnReader.LONGS, ColumnReader.ANY);
    }

    public long[] longs(int size) throws IOException {
        return column(ColumnReader.LONGS, size);
    }

    public double[] doubles() throws IOException {
        return column(ColumnReader.DOUBLES, ColumnReader.ANY);
    }

    public double[] doubles(int size) throws IOException {
        return column(ColumnReader.DOUBLES, size);
    }

    private <A> A column(ColumnReader.Kind<A> kind, int size) throws IOException {
        begin(kind.tag());
        ColumnReader<A> column = new ColumnReader<>(kind, size, room);
        in.readBinaryValue(Base64Variants.MIME, column);
        return column.whole();
    }

    private void begin(int tag) throws IOException {
        take(JsonToken.VALUE_EMBEDDED_OBJECT);
        if (in.getCurrentTag() != tag) {
            throw wrong("a column of another type");
        }
    }

    private void take(JsonToken expected) throws IOException {
        taken = true;
        expect(expected);
    }

    private void expect(JsonToken expected) throws IOException {
        if (in.currentToken() != expected) {
            throw wrong(in.currentToken() + " instead of " + expected);
        }
    }

    private IOException wrong(String what) {
        return new IOException("field " + name + ": " + what);
    }
}

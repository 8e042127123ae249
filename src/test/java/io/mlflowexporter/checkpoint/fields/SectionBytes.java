package io.mlflowexporter.checkpoint.fields;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

/** A section as bytes, for tests of what writes and reads it. */
public final class SectionBytes {
    private SectionBytes() {}

    public static byte[] of(Section section) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FieldWriter.write(bytes, section);
        return bytes.toByteArray();
    }

    public static <T> T read(byte[] bytes, FieldReader.Reader<T> reader) throws IOException {
        AtomicReference<T> read = new AtomicReference<>();
        FieldReader.read(new ByteArrayInputStream(bytes), new FieldMemory(Long.MAX_VALUE), in -> {
            read.set(reader.read(in));
            return in;
        });
        return read.get();
    }

    /** What comes back after a section was written and read. */
    public static <T> T again(Section section, FieldReader.Reader<T> reader) throws IOException {
        return read(of(section), reader);
    }
}

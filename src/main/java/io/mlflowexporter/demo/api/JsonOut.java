package io.mlflowexporter.demo.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import io.mlflowexporter.demo.api.Faults.NonFinite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes JSON as MLflow does: indented by two, empty lists left out, 64-bit integers as numbers, {@code NaN} as a
 * string, and infinities as the greatest finite numbers, which is what MLflow's SQL store makes of them. {@link
 * Faults.Quirks} change that.
 */
final class JsonOut implements AutoCloseable {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final DefaultPrettyPrinter PRINTER = printer();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    private final JsonGenerator json;
    private final Faults.Quirks quirks;
    private final boolean version3;

    /** Something that writes. */
    interface Body {
        void write() throws IOException;
    }

    JsonOut(Faults.Quirks quirks, boolean version3) {
        this.quirks = quirks;
        this.version3 = version3;
        try {
            json = FACTORY.createGenerator(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        json.setPrettyPrinter(PRINTER.createInstance());
    }

    private static DefaultPrettyPrinter printer() {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        return new DefaultPrettyPrinter(Separators.createDefaultInstance()
                        .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                        .withObjectEmptySeparator("")
                        .withArrayEmptySeparator(""))
                .withObjectIndenter(indenter)
                .withArrayIndenter(indenter);
    }

    /** Whether to write what only servers since 3.x write. */
    boolean version3() {
        return version3;
    }

    Faults.Quirks quirks() {
        return quirks;
    }

    byte[] bytes() throws IOException {
        json.flush();
        return bytes.toByteArray();
    }

    void object(Body body) throws IOException {
        json.writeStartObject();
        body.write();
        if (quirks.unknownFields()) {
            json.writeStringField("field_of_the_future", "?");
            json.writeArrayFieldStart("list_of_the_future");
            json.writeStartObject();
            json.writeNumberField("x", 1);
            json.writeEndObject();
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    void object(String name, Body body) throws IOException {
        json.writeFieldName(name);
        object(body);
    }

    /** A list that is left out where it is empty. */
    void list(String name, boolean empty, Body body) throws IOException {
        if (!empty) {
            json.writeArrayFieldStart(name);
            body.write();
            json.writeEndArray();
        }
    }

    void text(String name, String value) throws IOException {
        json.writeStringField(name, value);
    }

    void textUnlessEmpty(String name, String value) throws IOException {
        if (!value.isEmpty()) {
            json.writeStringField(name, value);
        }
    }

    void textItem(String value) throws IOException {
        json.writeString(value);
    }

    /** A value that is JSON already. */
    void raw(String name, String value) throws IOException {
        json.writeFieldName(name);
        json.writeRawValue(value);
    }

    void bool(String name, boolean value) throws IOException {
        json.writeBooleanField(name, value);
    }

    void int64(String name, long value) throws IOException {
        if (quirks.int64AsText()) {
            json.writeStringField(name, Long.toString(value));
        } else {
            json.writeNumberField(name, value);
        }
    }

    void number(String name, double value) throws IOException {
        json.writeFieldName(name);
        if (Double.isFinite(value)) {
            json.writeNumber(value);
        } else if (quirks.nonFinite() == NonFinite.TOKENS) {
            json.writeRawValue(Double.toString(value));
        } else if (quirks.nonFinite() == NonFinite.TEXT || Double.isNaN(value)) {
            json.writeString(Double.toString(value));
        } else {
            json.writeNumber(Math.copySign(Double.MAX_VALUE, value));
        }
    }

    @Override
    public void close() throws IOException {
        json.close();
    }
}

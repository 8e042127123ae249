package io.mlflowexporter.checkpoint;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** What is in a checkpoint's bytes, read without the classes that read checkpoints. */
public final class CheckpointBytes {
    private static final int HEADER = 16;
    private static final int TRAILER = 12;
    private static final Map<Integer, String> COLUMNS =
            Map.of(64, "bytes", 74, "ints", 75, "longs", 82, "doubles", -1, "text");

    private CheckpointBytes() {}

    /** The same of a tracking server at another port of this host; both ports have five digits. */
    public static byte[] atPort(byte[] file, int port) throws IOException {
        byte[] content = content(file);
        byte[] known = "http://127.0.0.1:".getBytes(StandardCharsets.ISO_8859_1);
        byte[] digits = String.format(Locale.ROOT, "%05d", port).getBytes(StandardCharsets.ISO_8859_1);
        int replaced = 0;
        // The address of the tracking server and that of the registry; those in sections of format 2 are under a sum.
        for (int at = 0; at < content.length - known.length && replaced < 2; at++) {
            if (Arrays.equals(content, at, at + known.length, known, 0, known.length)) {
                System.arraycopy(digits, 0, content, at + known.length, digits.length);
                replaced++;
            }
        }
        return file(Arrays.copyOf(file, HEADER), content);
    }

    /** The deflated part of a file. */
    static byte[] content(byte[] file) throws IOException {
        Inflater inflater = new Inflater(true);
        try (InputStream in = new InflaterInputStream(
                new ByteArrayInputStream(file, HEADER, file.length - HEADER - TRAILER), inflater)) {
            return in.readAllBytes();
        } finally {
            inflater.end();
        }
    }

    /** A whole file of such a content. */
    static byte[] file(byte[] header, byte[] content) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(header);
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        DeflaterOutputStream deflated = new DeflaterOutputStream(file, deflater);
        deflated.write(content);
        deflated.finish();
        deflater.end();
        file.write(ByteBuffer.allocate(8).putLong(file.size() + TRAILER).array());
        CRC32C sum = new CRC32C();
        sum.update(file.toByteArray());
        file.write(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
        return file.toByteArray();
    }

    /** Every field by its path, and the type of its values. */
    public static SortedSet<String> layout(byte[] file) throws IOException {
        SortedSet<String> layout = new TreeSet<>();
        try (CBORParser in = new CBORFactory().createParser(content(file))) {
            in.nextToken();
            value(in, "", layout);
        }
        return layout;
    }

    private static void value(CBORParser in, String path, SortedSet<String> layout) throws IOException {
        switch (in.currentToken()) {
            case START_OBJECT -> {
                while (in.nextToken() != JsonToken.END_OBJECT) {
                    String field = path.isEmpty() ? in.currentName() : path + "." + in.currentName();
                    in.nextToken();
                    value(in, field, layout);
                }
            }
            case START_ARRAY -> {
                layout.add(path + ": list");
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    value(in, path + "[]", layout);
                }
            }
            case VALUE_EMBEDDED_OBJECT -> layout.add(path + ": " + COLUMNS.get(in.getCurrentTag()));
            case VALUE_STRING -> layout.add(path + ": text");
            case VALUE_NUMBER_INT -> layout.add(path + ": number");
            case VALUE_NUMBER_FLOAT -> layout.add(path + ": real");
            case VALUE_TRUE, VALUE_FALSE -> layout.add(path + ": flag");
            default -> throw new AssertionError(path + " is " + in.currentToken());
        }
    }
}

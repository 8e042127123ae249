package io.mlflowexporter.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.mlflowexporter.checkpoint.fields.BadCheckpointException;
import io.mlflowexporter.checkpoint.fields.FieldMemory;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.checkpoint.fields.Section;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * The file's format. Numbers are big-endian.
 *
 * <pre>
 * 8 bytes  magic
 * 4 bytes  format version
 * 4 bytes  CRC32C of the 12 bytes before: these 16 bytes are the same in every version
 * …        deflated: one CBOR object of the head and the sections, in this order
 * 8 bytes  length of the file
 * 4 bytes  CRC32C of everything before
 * </pre>
 *
 * The sum is checked before anything is believed. Fields within the object come and go without a new format version.
 */
final class Container {
    static final int VERSION = 3;
    static final byte[] MAGIC = {'M', 'L', 'F', 'X', 'C', 'K', 'P', 'T'};

    private static final int HEADER = MAGIC.length + 8;
    private static final int TRAILER = 12;
    private static final int BUFFER = 1 << 16;
    static final String HEAD = "head";

    /**
     * What stands before the sections.
     *
     * @param exporter the version that wrote it
     */
    record Head(String exporter, CheckpointIdentity identity, Instant writtenAt) {
        void write(FieldWriter out) throws IOException {
            out.text("exporter", exporter);
            identity.write(out);
            out.number("writtenMillis", writtenAt.toEpochMilli());
        }

        static Head read(FieldReader in) throws IOException {
            Fields fields = in.fields();
            return new Head(
                    fields.text("exporter"),
                    CheckpointIdentity.read(fields),
                    Instant.ofEpochMilli(fields.number("writtenMillis", 0)));
        }
    }

    /** Takes what a file holds, in its order. */
    interface Reader {
        /**
         * What comes first.
         *
         * @throws IOException if nothing of the rest is wanted
         */
        void head(Head head) throws IOException;

        /**
         * One section; it is skipped where its fields are not read.
         *
         * @return whether more are wanted
         */
        boolean section(String name, FieldReader in) throws IOException;
    }

    private Container() {}

    /** Writes all of it. */
    static void write(OutputStream file, Head head, Map<String, Section> sections) throws IOException {
        write(file, out -> {
            out.object(HEAD, head::write);
            for (Map.Entry<String, Section> section : sections.entrySet()) {
                out.object(section.getKey(), section.getValue());
            }
        });
    }

    /** Writes the head and the sections as they are told. */
    static void write(OutputStream file, Section content) throws IOException {
        Counted counted = new Counted(file);
        DataOutputStream plain = new DataOutputStream(counted);
        plain.write(MAGIC);
        plain.writeInt(VERSION);
        plain.writeInt(counted.sum());
        // Written often and read once: the fastest level is a quarter of the time for a tenth more bytes.
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            DeflaterOutputStream deflated = new DeflaterOutputStream(counted, deflater, BUFFER);
            OutputStream buffered = new BufferedOutputStream(deflated, BUFFER);
            FieldWriter.write(buffered, content);
            buffered.flush();
            deflated.finish();
        } finally {
            deflater.end();
        }
        plain.writeLong(counted.bytes() + TRAILER);
        plain.writeInt(counted.sum());
        plain.flush();
    }

    /**
     * Reads a file of {@link #VERSION} that was checked and does not change meanwhile.
     */
    static void read(Path file, FieldMemory room, Reader reader) throws IOException {
        content(
                file,
                in -> FieldReader.read(in, room, fields -> {
                    read(fields, reader);
                    return reader;
                }));
    }

    private static void read(FieldReader in, Reader reader) throws IOException {
        if (!in.next() || !in.name().equals(HEAD)) {
            throw corrupt("it has no head");
        }
        reader.head(in.object(Head::read));
        boolean more = true;
        while (more && in.next()) {
            String name = in.name();
            more = in.object(fields -> reader.section(name, fields));
        }
    }

    /** Reads the deflated bytes of a file. */
    interface Content {
        void read(InputStream in) throws IOException;
    }

    /** Reads what is in a file that was checked. */
    static void content(Path file, Content content) throws IOException {
        Inflater inflater = new Inflater(true);
        try (InputStream in = open(file)) {
            in.skipNBytes(HEADER);
            content.read(new BufferedInputStream(new InflaterInputStream(in, inflater, BUFFER), BUFFER));
        } catch (EOFException e) {
            throw corrupt("it ends too early");
        } catch (JsonProcessingException e) {
            throw corrupt(e.getOriginalMessage());
        } finally {
            inflater.end();
        }
    }

    /** Not a channel: an interrupt, which stops the exporter, would close it and look like damage. */
    private static InputStream open(Path file) throws IOException {
        return new FileInputStream(file.toFile());
    }

    /**
     * Looks whether a file is whole.
     *
     * @return its format, which this version reads
     * @throws BadCheckpointException if it is damaged or of the future
     */
    static int check(Path file) throws IOException {
        long size = Files.size(file);
        try (InputStream in = open(file)) {
            byte[] header = in.readNBytes(HEADER);
            if (header.length < HEADER) {
                throw corrupt("it ends after " + header.length + " bytes");
            }
            ByteBuffer fields = ByteBuffer.wrap(header);
            byte[] magic = new byte[MAGIC.length];
            fields.get(magic);
            int version = fields.getInt();
            CRC32C sum = new CRC32C();
            sum.update(header, 0, HEADER - 4);
            if (!Arrays.equals(magic, MAGIC) || fields.getInt() != (int) sum.getValue()) {
                throw corrupt("it does not begin as a checkpoint");
            }
            if (version != VERSION && version != FormatTwo.VERSION) {
                throw new BadCheckpointException(
                        BadCheckpointException.Kind.FUTURE,
                        "it is of format " + version + ", and this version reads formats " + FormatTwo.VERSION + " and "
                                + VERSION);
            }
            sum.update(header, HEADER - 4, 4);
            CheckedInputStream checked = new CheckedInputStream(in, sum);
            byte[] buffer = new byte[BUFFER];
            for (long left = size - HEADER - 4; left > 0; ) {
                int read = checked.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw corrupt("it ends too early");
                }
                left -= read;
            }
            byte[] told = in.readNBytes(4);
            if (told.length < 4 || ByteBuffer.wrap(told).getInt() != (int) sum.getValue()) {
                throw corrupt("its checksum is wrong");
            }
            return version;
        }
    }

    static BadCheckpointException corrupt(String message) {
        return new BadCheckpointException(BadCheckpointException.Kind.CORRUPT, message);
    }

    /** Counts and sums what passes. */
    private static final class Counted extends FilterOutputStream {
        private final CRC32C sum = new CRC32C();
        private long bytes;

        Counted(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            sum.update(b);
            bytes++;
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            out.write(from, offset, length);
            sum.update(from, offset, length);
            bytes += length;
        }

        int sum() {
            return (int) sum.getValue();
        }

        long bytes() {
            return bytes;
        }
    }
}

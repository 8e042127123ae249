package io.mlflowexporter.checkpoint;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
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
 * The file's format. All numbers are big-endian.
 *
 * <pre>
 * 8 bytes  magic
 * 4 bytes  format version
 * 4 bytes  CRC32C of the 12 bytes before: these 16 bytes are the same in every version
 * …        deflated: exporter's version, identity, time written, sections
 * 8 bytes  length of the file
 * 4 bytes  CRC32C of everything before
 * </pre>
 *
 * A section is a name, chunks of bytes each after its length, a chunk of length 0, the length of all, and their CRC32C.
 * The outer sum is checked before anything is believed; those of the sections catch what is wrong in memory.
 */
final class Container {
    static final int VERSION = 2;
    static final byte[] MAGIC = {'M', 'L', 'F', 'X', 'C', 'K', 'P', 'T'};

    private static final int HEADER = MAGIC.length + 8;
    private static final int TRAILER = 12;
    private static final int BUFFER = 1 << 16;

    /**
     * What stands before the sections.
     *
     * @param exporter the version that wrote it
     */
    record Head(String exporter, Identity identity, Instant writtenAt) {}

    /** Told of everything in a file, in its order. */
    interface Reader {
        /**
         * What comes first.
         *
         * @throws IOException if nothing of the rest is wanted
         */
        void head(Head head) throws IOException;

        /**
         * What it leaves of the section is skipped.
         *
         * @return whether more are wanted
         */
        boolean section(String name, DataInputStream in) throws IOException;
    }

    private Container() {}

    /** Writes all of it. */
    static void write(OutputStream file, Head head, Map<String, Section> sections) throws IOException {
        Counted counted = new Counted(file);
        DataOutputStream plain = new DataOutputStream(counted);
        plain.write(MAGIC);
        plain.writeInt(VERSION);
        plain.writeInt(counted.sum());
        // Written often and read once: the fastest level is a quarter of the time for a tenth more bytes.
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            DeflaterOutputStream deflated = new DeflaterOutputStream(counted, deflater, BUFFER);
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(deflated, BUFFER));
            Texts.write(out, head.exporter());
            head.identity().write(out);
            out.writeLong(head.writtenAt().toEpochMilli());
            out.writeInt(sections.size());
            for (Map.Entry<String, Section> section : sections.entrySet()) {
                Texts.write(out, section.getKey());
                Chunks chunks = new Chunks(out);
                DataOutputStream content = new DataOutputStream(new BufferedOutputStream(chunks, BUFFER));
                section.getValue().write(content);
                content.flush();
                chunks.end();
            }
            out.flush();
            deflated.finish();
        } finally {
            deflater.end();
        }
        plain.writeLong(counted.bytes() + TRAILER);
        plain.writeInt(counted.sum());
        plain.flush();
    }

    /**
     * Reads a file that does not change meanwhile.
     *
     * @throws BadCheckpointException if it is damaged or of the future
     */
    static void read(Path file, Reader reader) throws IOException {
        check(file);
        Inflater inflater = new Inflater(true);
        try (InputStream in = open(file)) {
            in.skipNBytes(HEADER);
            DataInputStream data =
                    new DataInputStream(new BufferedInputStream(new InflaterInputStream(in, inflater, BUFFER), BUFFER));
            reader.head(new Head(Texts.read(data), Identity.read(data), Instant.ofEpochMilli(data.readLong())));
            boolean more = true;
            for (int left = Texts.count(data); left > 0 && more; left--) {
                String name = Texts.read(data);
                ChunksIn chunks = new ChunksIn(data);
                more = reader.section(name, new DataInputStream(new BufferedInputStream(chunks, BUFFER)));
                chunks.end(name);
            }
        } catch (EOFException e) {
            throw corrupt("it ends too early");
        } finally {
            inflater.end();
        }
    }

    /** Not a channel: an interrupt, which stops the exporter, would close it and look like damage. */
    private static InputStream open(Path file) throws IOException {
        return new FileInputStream(file.toFile());
    }

    private static void check(Path file) throws IOException {
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
            if (version != VERSION) {
                throw new BadCheckpointException(
                        BadCheckpointException.Kind.FUTURE,
                        "it is of format " + version + ", and this version reads format " + VERSION);
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

    /** Writes a section's content in chunks, so that its length need not be known before. */
    private static final class Chunks extends OutputStream {
        private final DataOutputStream to;
        private final CRC32C sum = new CRC32C();
        private long bytes;

        Chunks(DataOutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            if (length > 0) {
                to.writeInt(length);
                to.write(from, offset, length);
                sum.update(from, offset, length);
                bytes += length;
            }
        }

        void end() throws IOException {
            to.writeInt(0);
            to.writeLong(bytes);
            to.writeInt((int) sum.getValue());
        }
    }

    private static final class ChunksIn extends InputStream {
        private final DataInputStream from;
        private final CRC32C sum = new CRC32C();
        private int left;
        private boolean over;
        private long bytes;

        ChunksIn(DataInputStream from) {
            this.from = from;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (left == 0 && !over) {
                left = Texts.count(from);
                over = left == 0;
            }
            if (over) {
                return -1;
            }
            int read = from.read(to, offset, Math.min(length, left));
            if (read < 0) {
                throw new EOFException();
            }
            sum.update(to, offset, read);
            left -= read;
            bytes += read;
            return read;
        }

        void end(String name) throws IOException {
            byte[] skipped = new byte[BUFFER];
            while (left > 0 || !over) {
                if (read(skipped, 0, skipped.length) < 0) {
                    break;
                }
            }
            if (from.readLong() != bytes || from.readInt() != (int) sum.getValue()) {
                throw corrupt("section " + name + " has a wrong checksum");
            }
        }
    }
}

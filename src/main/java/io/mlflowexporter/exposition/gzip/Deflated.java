package io.mlflowexporter.exposition.gzip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Compresses parts of a body one by one, so that a scrape only has to put them together.
 *
 * <p>Each part is a run of deflate blocks (RFC 1951) that ends on a byte's boundary, refers to nothing before it and is
 * not marked as the last. Between a gzip header and an empty last block, any sequence of parts is one gzip member
 * (RFC 1952). Several members in a row would be simpler, and are allowed, but Java's own {@code GZIPInputStream} stops
 * after one if the next has not yet arrived.
 */
public final class Deflated {
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    /** A last block without content, in the fixed code. */
    private static final byte[] LAST_BLOCK = {0x03, 0x00};

    private static final int BUFFER = 16 * 1024;

    private Deflated() {}

    /** Well compressed, to be sent many times. */
    public static BodyPiece of(BodyPiece plain) {
        return of(plain, Deflater.DEFAULT_COMPRESSION);
    }

    /** Soon compressed, to be sent once. */
    public static BodyPiece once(BodyPiece plain) {
        return of(plain, Deflater.BEST_SPEED);
    }

    private static BodyPiece of(BodyPiece plain, int level) {
        CRC32 crc = new CRC32();
        Segments segments = new Segments();
        Deflater deflater = new Deflater(level, true);
        try {
            byte[] buffer = new byte[BUFFER];
            for (byte[] segment : plain.segments()) {
                crc.update(segment);
                deflater.setInput(segment);
                for (int n = deflater.deflate(buffer); n > 0; n = deflater.deflate(buffer)) {
                    segments.write(buffer, 0, n);
                }
            }
            int n;
            do {
                n = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
                segments.write(buffer, 0, n);
                // A buffer that was not filled says that the flush is complete.
            } while (n == buffer.length);
        } finally {
            deflater.end();
        }
        return new BodyPiece(
                segments.toList(), segments.length(), plain.length(), (int) crc.getValue(), Crc.shift(plain.length()));
    }

    /** The gzip member of these parts. */
    public static List<byte[]> member(List<BodyPiece> parts) {
        List<byte[]> member = new ArrayList<>();
        member.add(HEADER);
        int crc = 0;
        long length = 0;
        for (BodyPiece part : parts) {
            member.addAll(part.segments());
            crc = Crc.combine(crc, part.crc(), part.shift());
            length += part.plainLength();
        }
        member.add(LAST_BLOCK);
        member.add(ByteBuffer.allocate(2 * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(crc)
                .putInt((int) length)
                .array());
        return member;
    }
}

package io.mlflowexporter.exposition.gzip;

import java.util.List;

/**
 * A part of a response body.
 *
 * @param segments the bytes; never changed
 * @param length how many these are
 * @param plainLength of a deflated piece, how many it inflates to
 * @param crc of a deflated piece, the CRC-32 of what it inflates to
 * @param shift of a deflated piece, {@link Crc#shift} of what it inflates to
 */
public record BodyPiece(List<byte[]> segments, long length, long plainLength, int crc, int shift) {
    public static BodyPiece plain(List<byte[]> segments) {
        long length = segments.stream().mapToLong(s -> s.length).sum();
        return new BodyPiece(segments, length, length, 0, 0);
    }
}

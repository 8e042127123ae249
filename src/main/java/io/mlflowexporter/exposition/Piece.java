package io.mlflowexporter.exposition;

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
record Piece(List<byte[]> segments, long length, long plainLength, int crc, int shift) {
    static Piece plain(List<byte[]> segments) {
        long length = segments.stream().mapToLong(s -> s.length).sum();
        return new Piece(segments, length, length, 0, 0);
    }
}

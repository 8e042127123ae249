package io.mlflowexporter.exposition.gzip;

/**
 * The CRC-32 of two texts put together, from theirs alone.
 *
 * <p>A CRC is the remainder of the text, read as a polynomial over GF(2), modulo the generator P; so
 * {@code crc(AB) = crc(A)·x^(8·|B|) + crc(B) mod P}. The usual inversions at the start and the end cancel out.
 * Polynomials are written as RFC 1952 does: the highest bit is the coefficient of x⁰.
 */
final class Crc {
    private static final int GENERATOR = 0xEDB88320;
    private static final int ONE = 0x80000000;
    /** x⁸, what one more byte multiplies by. */
    private static final int BYTE = 0x00800000;

    private Crc() {}

    /** What a text of so many bytes shifts the CRC before it by: x^(8·length) mod P, worth keeping. */
    static int shift(long length) {
        int shift = ONE;
        int power = BYTE;
        for (long n = length; n > 0; n >>= 1) {
            if ((n & 1) != 0) {
                shift = times(shift, power);
            }
            power = times(power, power);
        }
        return shift;
    }

    /**
     * Combines.
     *
     * @param shift of the second text's length
     */
    static int combine(int first, int second, int shift) {
        return times(first, shift) ^ second;
    }

    private static int times(int a, int b) {
        int product = 0;
        int shifted = b;
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= shifted;
            }
            shifted = (shifted & 1) != 0 ? (shifted >>> 1) ^ GENERATOR : shifted >>> 1;
        }
        return product;
    }
}

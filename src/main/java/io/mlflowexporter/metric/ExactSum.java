package io.mlflowexporter.metric;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * A sum of doubles without rounding until it is read, so that it is the same in whatever order numbers are added, and
 * what was added can be taken back without a trace. A growing sum never reads less than before.
 *
 * <p>The numbers are added as integers to digits of 32 bits, as in R. M. Neal, Fast Exact Summation Using Small and Large
 * Superaccumulators (2015); only the digits in use are held.
 */
public final class ExactSum {
    private static final int BITS = 32;
    private static final long DIGIT = (1L << BITS) - 1;
    private static final int MANTISSA_BITS = 52;
    /** Digits a double may touch, and one for what is carried over. */
    private static final int SPAN = 4;
    /** Of the greatest double, and the carry. */
    private static final int MOST_DIGITS = 2_046 / BITS + SPAN;
    /** So often a digit may be added to before it must be carried over. */
    private static final int ROOM = 1 << 30;

    private static final int LEAST_EXPONENT = 1_074;

    private static final long[] NONE = {};

    /** Digits from {@link #lowest} on, in units of the least double; carried over they are 0 to 2^32 - 1, but the last. */
    private long[] digits = NONE;

    private int lowest;
    private int uncarried;
    private int terms;
    private int infinite;

    /**
     * Adds a number, or takes it back.
     *
     * @param value what is not finite makes the sum infinite
     * @param times 1, or -1 for what was added before
     */
    public void add(double value, int times) {
        terms += times;
        if (!Double.isFinite(value)) {
            infinite += times;
            return;
        }
        if (value == 0) {
            return;
        }
        long bits = Double.doubleToRawLongBits(value);
        int exponent = (int) (bits >>> MANTISSA_BITS) & 0x7ff;
        long mantissa = bits & ((1L << MANTISSA_BITS) - 1);
        int at = Math.max(0, exponent - 1);
        if (exponent > 0) {
            mantissa |= 1L << MANTISSA_BITS;
        }
        int sign = value < 0 ? -times : times;
        int shift = at % BITS;
        int digit = room(at / BITS);
        digits[digit] += sign * ((mantissa << shift) & DIGIT);
        digits[digit + 1] += sign * ((mantissa >>> (BITS - shift)) & DIGIT);
        // In two steps, as a shift by 64 would be none.
        digits[digit + 2] += sign * (mantissa >>> (BITS - shift) >>> BITS);
        if (++uncarried == ROOM) {
            carry();
        }
    }

    /** Where the digit is held, with room for those after it that a number may touch. */
    private int room(int digit) {
        if (digits.length == 0) {
            lowest = digit;
            digits = new long[SPAN];
        } else if (digit < lowest) {
            long[] more = new long[digits.length + lowest - digit];
            System.arraycopy(digits, 0, more, lowest - digit, digits.length);
            digits = more;
            lowest = digit;
        } else if (digit + SPAN > lowest + digits.length) {
            digits = Arrays.copyOf(digits, digit + SPAN - lowest);
        }
        return digit - lowest;
    }

    private void carry() {
        uncarried = 0;
        for (int i = 0; i < digits.length - 1; i++) {
            digits[i + 1] += digits[i] >> BITS;
            digits[i] &= DIGIT;
        }
    }

    /** Adds all that is in another sum. Until more is added, any number of threads may then read this one. */
    public void add(ExactSum other) {
        terms += other.terms;
        infinite += other.infinite;
        other.carry();
        carry();
        for (int i = 0; i < other.digits.length; i++) {
            if (other.digits[i] != 0) {
                int digit = room(other.lowest + i);
                digits[digit] += other.digits[i];
            }
        }
        carry();
    }

    /** Whether there is nothing in it: as much was taken back as was added. */
    public boolean isEmpty() {
        return terms == 0;
    }

    void write(FieldWriter out) throws IOException {
        carry();
        out.number("terms", terms);
        out.number("infinite", infinite);
        out.number("lowest", lowest);
        out.longs("digits", digits, digits.length);
    }

    /** What was written. */
    static ExactSum read(FieldReader in) throws IOException {
        ExactSum read = new ExactSum();
        while (in.next()) {
            switch (in.name()) {
                case "terms" -> read.terms = in.count();
                case "infinite" -> read.infinite = in.count();
                case "lowest" -> read.lowest = in.count();
                case "digits" -> read.digits = in.longs();
                default -> {
                    // Of another version.
                }
            }
        }
        if (read.lowest > MOST_DIGITS - read.digits.length) {
            throw new IOException("not a sum");
        }
        return read;
    }

    /** The sum, but for the last bit of a double; exact where a double can say it. */
    public double value() {
        return part(1);
    }

    /** The mean of the numbers in it; not infinite only since their sum would be. */
    public double mean() {
        return part(terms);
    }

    private double part(double of) {
        if (infinite > 0) {
            return Double.POSITIVE_INFINITY;
        }
        carry();
        boolean negative = digits.length > 0 && digits[digits.length - 1] < 0;
        double value = 0;
        int unit = 0;
        long carried = 0;
        for (int i = 0; i < digits.length; i++) {
            // Of a sum below zero the digits of its opposite.
            long positive = (negative ? -digits[i] : digits[i]) + carried;
            carried = positive >> BITS;
            if ((positive & DIGIT) != 0) {
                value = Math.scalb(value, (unit - i) * BITS) + (positive & DIGIT);
                unit = i;
            }
        }
        double scaled = Math.scalb(value / of, (lowest + unit) * BITS - LEAST_EXPONENT);
        return negative ? -scaled : scaled;
    }
}

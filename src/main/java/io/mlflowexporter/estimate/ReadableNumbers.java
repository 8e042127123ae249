package io.mlflowexporter.estimate;

import io.mlflowexporter.cost.pricing.PriceList.Price;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Locale;

/** Numbers and times as people read them. */
final class ReadableNumbers {
    private static final int DIGITS = 6;
    private static final double LARGE = 1e15;
    private static final double MINUTE = 60;
    private static final double HOUR = 3_600;
    private static final double DAY = 86_400;
    private static final double SHOWN_IN_HOURS = 2 * DAY;

    private ReadableNumbers() {}

    /** With as many digits as tell something: cents, or four digits of what is less. */
    static String money(double amount) {
        if (Math.abs(amount) >= LARGE) {
            return String.format(Locale.ROOT, "%.4g", amount);
        }
        return Math.abs(amount) >= 1 || amount == 0 ? String.format(Locale.ROOT, "%,.2f", amount) : number(amount, 4);
    }

    /** Up to six digits, without zeros at the end. */
    static String number(double value) {
        return number(value, DIGITS);
    }

    /** Up to four digits. */
    static String shortNumber(double value) {
        return number(value, 4);
    }

    private static String number(double value, int digits) {
        if (!Double.isFinite(value)) {
            return String.valueOf(value);
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_UP));
        if (rounded.signum() == 0) {
            return "0";
        }
        BigDecimal plain = rounded.stripTrailingZeros();
        return Math.abs(value) >= LARGE || Math.abs(value) < 1e-6
                ? plain.toString()
                : String.format(Locale.ROOT, "%,." + Math.max(0, plain.scale()) + "f", plain);
    }

    /** Such as {@code 12.3 s}, {@code 4 min 10 s}, {@code 3 h 20 min}, {@code 5 d 4 h}. */
    static String duration(double seconds) {
        if (seconds < MINUTE) {
            return number(seconds, 3) + " s";
        }
        if (seconds < HOUR) {
            return pair(seconds, MINUTE, "min", 1, "s");
        }
        return seconds < SHOWN_IN_HOURS ? pair(seconds, HOUR, "h", MINUTE, "min") : pair(seconds, DAY, "d", HOUR, "h");
    }

    private static String pair(double seconds, double large, String largeUnit, double small, String smallUnit) {
        long smalls = Math.round(seconds / small);
        long perLarge = Math.round(large / small);
        String rest = smalls % perLarge == 0 ? "" : " " + smalls % perLarge + " " + smallUnit;
        return String.format(Locale.ROOT, "%,d", smalls / perLarge) + " " + largeUnit + rest;
    }

    /** The day, and the time where it is not the day's beginning. */
    static String day(Instant at, ZoneId zone) {
        ZonedDateTime local = at.atZone(zone);
        return local.toLocalTime().equals(LocalTime.MIDNIGHT)
                ? local.toLocalDate().toString()
                : local.toLocalDate() + String.format(Locale.ROOT, " %02d:%02d", local.getHour(), local.getMinute());
    }

    /** When a price is in force. */
    static String validity(Price price, ZoneId zone) {
        String from = price.validFrom().map(at -> "from " + day(at, zone)).orElse("");
        String until = price.validUntil().map(at -> "until " + day(at, zone)).orElse("");
        String both = (from + " " + until).strip();
        return both.isEmpty() ? "always" : both;
    }
}

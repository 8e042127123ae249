package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.PricingFile.Overhead;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/**
 * How one overhead is spread over time. A monthly amount is spread evenly over each calendar month, so that an hour of
 * February costs more than one of March; an amount spent once evenly over the time it is for.
 */
public final class OverheadSchedule {
    private final double amount;
    private final boolean monthly;
    private final long fromMillis;
    private final long untilMillis;
    private final ZoneId zone;

    public OverheadSchedule(Overhead overhead, ZoneId zone) {
        this.zone = zone;
        this.monthly = overhead.once().isEmpty();
        this.amount = overhead.once()
                .or(overhead::monthly)
                .orElseGet(() -> overhead.gb()
                        .orElse(BigDecimal.ZERO)
                        .multiply(overhead.perGbMonth().orElse(BigDecimal.ZERO)))
                .doubleValue();
        this.fromMillis = Tariffs.from(overhead.validFrom(), zone);
        this.untilMillis = overhead.validUntil()
                .map(until -> until.millis(zone))
                .orElseGet(() -> monthly ? Long.MAX_VALUE : nextDay(fromMillis));
    }

    private long nextDay(long millis) {
        return CalendarDays.start(day(millis).plusDays(1), zone);
    }

    private LocalDate day(long millis) {
        return Instant.ofEpochMilli(millis).atZone(zone).toLocalDate();
    }

    /** What is spent from one instant to another, the latter exclusive. */
    public double spent(long from, long until) {
        long begin = Math.max(from, fromMillis);
        long end = Math.min(until, untilMillis);
        if (begin >= end) {
            return 0;
        }
        if (!monthly) {
            return amount * ((double) (end - begin) / (untilMillis - fromMillis));
        }
        double sum = 0;
        LocalDate month = day(begin).withDayOfMonth(1);
        for (long first = CalendarDays.start(month, zone); first < end; first = CalendarDays.start(month, zone)) {
            LocalDate next = month.plusMonths(1);
            long last = CalendarDays.start(next, zone);
            sum += amount * ((double) (Math.min(end, last) - Math.max(begin, first)) / (last - first));
            month = next;
        }
        return sum;
    }
}

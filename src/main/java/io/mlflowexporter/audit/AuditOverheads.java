package io.mlflowexporter.audit;

import io.mlflowexporter.cost.pricing.PricingFile.Overhead;
import java.math.BigDecimal;
import java.time.LocalDate;

/** What is spent beside computing, by the calendar. */
final class AuditOverheads {
    /** Less than this is left by rounding. */
    static final BigDecimal NOTHING = new BigDecimal("1e-20");

    /**
     * An amount.
     *
     * @param left of it what no rate converts, in its own currency
     */
    record Spent(BigDecimal converted, BigDecimal left) {}

    private final AuditPricing book;

    AuditOverheads(AuditPricing book) {
        this.book = book;
    }

    Spent spent(Overhead overhead, String currency, long since, long until) {
        long from = Math.max(since, book.from(overhead.validFrom()));
        long end = Math.min(until, until(overhead));
        // What one of its currency costs in the other: a price of one, at all times.
        AuditPricing.Price one = new AuditPricing.Price(from, end, BigDecimal.ONE, book.code(overhead.currency()), "");
        BigDecimal converted = BigDecimal.ZERO;
        BigDecimal covered = BigDecimal.ZERO;
        for (AuditPricing.Price rate : book.converted(one, currency, false)) {
            BigDecimal amount = amount(overhead, rate.from(), rate.until());
            covered = covered.add(amount);
            converted = converted.add(amount.multiply(rate.perHour()));
        }
        return new Spent(converted, amount(overhead, from, end).subtract(covered));
    }

    private long until(Overhead overhead) {
        if (overhead.validUntil().isPresent() || overhead.once().isEmpty()) {
            return book.until(overhead.validUntil());
        }
        return book.start(book.day(book.from(overhead.validFrom())).plusDays(1));
    }

    private BigDecimal amount(Overhead overhead, long from, long end) {
        if (from >= end) {
            return BigDecimal.ZERO;
        }
        if (overhead.once().isPresent()) {
            return share(overhead.once().get(), from, end, book.from(overhead.validFrom()), until(overhead));
        }
        BigDecimal monthly = overhead.monthly()
                .orElseGet(() -> overhead.gb()
                        .orElse(BigDecimal.ZERO)
                        .multiply(overhead.perGbMonth().orElse(BigDecimal.ZERO)));
        BigDecimal sum = BigDecimal.ZERO;
        for (LocalDate month = book.day(from).withDayOfMonth(1); book.start(month) < end; month = month.plusMonths(1)) {
            long first = book.start(month);
            long next = book.start(month.plusMonths(1));
            sum = sum.add(share(monthly, Math.max(from, first), Math.min(end, next), first, next));
        }
        return sum;
    }

    private static BigDecimal share(BigDecimal amount, long from, long end, long first, long next) {
        return amount.multiply(new BigDecimal(end - from)).divide(new BigDecimal(next - first), AuditPricing.EXACT);
    }
}

package io.mlflowexporter.audit;

import io.mlflowexporter.audit.AuditPricing.Price;
import io.mlflowexporter.audit.RunCosts.Busy;
import io.mlflowexporter.audit.RunCosts.Line;
import io.mlflowexporter.text.CsvRows;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Runs and what they cost, for spreadsheets. */
final class RunsCsv {
    private static final List<String> COLUMNS = List.of(
            "run_id",
            "experiment",
            "phase",
            "user",
            "run_name",
            "outcome",
            "start",
            "end",
            "seconds",
            "resource",
            "quantity",
            "price_per_hour",
            "currency",
            "cost");
    private static final int DECIMALS = 10;

    private RunsCsv() {}

    /** A line for each price a run paid, and one without a price for time that none covers. */
    static void write(List<Busy> runs, Writer csv) throws IOException {
        CsvRows rows = new CsvRows(csv);
        rows.row(COLUMNS);
        for (Busy busy : runs) {
            for (Line paid : busy.lines()) {
                Price price = paid.price();
                rows.row(row(
                        busy,
                        price.from(),
                        price.until(),
                        seconds(price.until() - price.from()),
                        paid.unit(),
                        rounded(paid.quantity()),
                        rounded(price.perHour()),
                        price.currency(),
                        rounded(paid.cost(Long.MIN_VALUE, Long.MAX_VALUE))));
            }
            if (busy.unpricedMillis() > 0) {
                rows.row(row(
                        busy, busy.from(), busy.until(), seconds(busy.unpricedMillis()), "unpriced", "", "", "", ""));
            }
        }
        rows.flush();
    }

    private static List<Object> row(Busy busy, long from, long until, Object... paid) {
        List<Object> cells = new ArrayList<>(List.of(
                busy.run().id(),
                busy.run().experiment().name(),
                busy.run().phase(),
                busy.run().user(),
                busy.run().name(),
                busy.outcome(),
                Instant.ofEpochMilli(from),
                Instant.ofEpochMilli(until)));
        cells.addAll(List.of(paid));
        return cells;
    }

    private static BigDecimal seconds(long millis) {
        return BigDecimal.valueOf(millis, 3);
    }

    private static BigDecimal rounded(BigDecimal number) {
        return number.setScale(DECIMALS, RoundingMode.HALF_EVEN);
    }
}

package io.mlflowexporter.audit;

import io.mlflowexporter.audit.RunCosts.Busy;
import io.mlflowexporter.audit.RunCosts.Line;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Runs and what they cost, as RFC 4180 has it. Names are whatever somebody called a run: cells that a spreadsheet would
 * take for a formula begin with an apostrophe.
 */
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
    /** Also after a semicolon, which ends a cell where a comma is the decimal sign, and in full width. */
    private static final Pattern FORMULA = Pattern.compile("(^|[;\\t\\r\\n])(?=[=+\\-@\\t\\r＝＋－＠])");

    private static final Pattern QUOTED = Pattern.compile(".*[\",\\r\\n].*", Pattern.DOTALL);
    private static final int DECIMALS = 10;

    private RunsCsv() {}

    /** A line for each price a run paid, and one without a price for time that none covers. */
    static void write(List<Busy> runs, Appendable csv) throws IOException {
        line(csv, COLUMNS);
        for (Busy busy : runs) {
            for (Line paid : busy.lines()) {
                line(
                        csv,
                        cells(
                                busy,
                                paid.price().from(),
                                paid.price().until(),
                                List.of(
                                        seconds(paid.price().until()
                                                - paid.price().from()),
                                        paid.unit(),
                                        plain(paid.quantity()),
                                        plain(paid.price().perHour()),
                                        paid.price().currency(),
                                        plain(paid.cost(Long.MIN_VALUE, Long.MAX_VALUE)))));
            }
            if (busy.unpricedMillis() > 0) {
                line(
                        csv,
                        cells(
                                busy,
                                busy.from(),
                                busy.until(),
                                List.of(seconds(busy.unpricedMillis()), "unpriced", "", "", "", "")));
            }
        }
    }

    private static List<String> cells(Busy busy, long from, long until, List<String> paid) {
        List<String> cells = new java.util.ArrayList<>(List.of(
                busy.run().id(),
                busy.run().experiment().name(),
                busy.run().phase(),
                busy.run().user(),
                busy.run().name(),
                busy.outcome(),
                Instant.ofEpochMilli(from).toString(),
                Instant.ofEpochMilli(until).toString()));
        cells.addAll(paid);
        return cells;
    }

    private static String seconds(long millis) {
        return plain(BigDecimal.valueOf(millis, 3));
    }

    private static String plain(BigDecimal number) {
        BigDecimal rounded = number.setScale(DECIMALS, RoundingMode.HALF_EVEN).stripTrailingZeros();
        return rounded.toPlainString();
    }

    private static void line(Appendable csv, List<String> cells) throws IOException {
        csv.append(cells.stream().map(RunsCsv::cell).collect(Collectors.joining(",")))
                .append("\r\n");
    }

    static String cell(String text) {
        String safe = FORMULA.matcher(text).replaceAll("$1'");
        return QUOTED.matcher(safe).matches() ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }
}

package io.mlflowexporter.estimate;

import io.mlflowexporter.estimate.Estimate.Amount;
import io.mlflowexporter.estimate.Estimate.Envelope;
import io.mlflowexporter.estimate.Estimate.Expectation;
import io.mlflowexporter.estimate.Estimate.KpiExpectation;
import io.mlflowexporter.estimate.Estimate.Line;
import io.mlflowexporter.estimate.Estimate.PhaseExpectation;
import io.mlflowexporter.estimate.Estimate.Spread;
import io.mlflowexporter.text.CsvRows;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An answer as CSV, one value a line, for spreadsheets. */
public final class EstimateCsv {
    private static final List<String> COLUMNS =
            List.of("part", "workspace", "subject", "phase", "measure", "value", "unit", "rests_on");

    private final List<List<?>> rows = new ArrayList<>(List.of(COLUMNS));

    private EstimateCsv() {}

    /** The whole answer. */
    public static String write(Estimate estimate) {
        EstimateCsv csv = new EstimateCsv();
        estimate.envelope().ifPresent(csv::envelope);
        estimate.expectation().ifPresent(csv::expectation);
        estimate.deployments().forEach(pace -> {
            String rests = String.valueOf(pace.deployments());
            String subject = pace.model() + ", " + pace.alias();
            csv.row("deployments", pace.workspace(), subject, "", "days_observed", number(pace.days()), "days", rests);
            pace.per30Days()
                    .ifPresent(per -> csv.row(
                            "deployments", pace.workspace(), subject, "", "per_30_days", number(per), "", rests));
        });
        StringWriter out = new StringWriter();
        try {
            CsvRows rows = new CsvRows(out);
            for (List<?> row : csv.rows) {
                rows.row(row);
            }
            rows.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return out.toString();
    }

    private void envelope(Envelope envelope) {
        for (Line line : envelope.lines()) {
            compute(line, "count", number(line.count()), "");
            compute(line, "hours", number(line.hours()), "hours");
            compute(line, "hours_in_all", number(line.hoursInAll()), "hours");
            compute(
                    line,
                    "price_per_hour",
                    number(line.price().perHour()),
                    line.price().currency());
            compute(line, "price_source", line.price().source(), "");
            compute(line, "price_valid_from", time(line.price().validFrom()), "");
            compute(line, "price_valid_until", time(line.price().validUntil()), "");
            compute(line, "rate", number(line.rate()), line.cost().currency());
            compute(line, "cost", number(line.cost().amount()), line.cost().currency());
        }
        envelope.overheads()
                .forEach(overhead -> row(
                        "overhead",
                        "",
                        overhead.category(),
                        "",
                        "cost",
                        number(overhead.cost().amount()),
                        overhead.cost().currency(),
                        ""));
        total("compute", envelope.compute());
        total("overhead", envelope.overhead());
        total("all", envelope.total());
    }

    private void compute(Line line, String measure, Object value, String unit) {
        row("compute", "", line.resource(), "", measure, value, unit, "");
    }

    private void total(String subject, List<Amount> amounts) {
        amounts.forEach(
                amount -> row("total", "", subject, "", "cost", number(amount.amount()), amount.currency(), ""));
    }

    private void expectation(Expectation expected) {
        for (PhaseExpectation phase : expected.phases()) {
            String runs = String.valueOf(phase.basis().runs());
            phase.durationSeconds().ifPresent(spread -> spread("duration", expected, phase, spread, "seconds", runs));
            phase.costs().forEach(cost -> {
                String priced = String.valueOf(phase.pricedRuns());
                spread("cost", expected, phase, cost.perRun(), cost.currency(), priced);
                of("cost", expected, phase, "planned", cost.planned(), cost.currency(), priced);
            });
            phase.kpis().forEach(kpi -> kpi(expected, phase, kpi));
        }
    }

    private void spread(
            String part, Expectation expected, PhaseExpectation phase, Spread spread, String unit, String rests) {
        of(part, expected, phase, "median", spread.median(), unit, rests);
        of(part, expected, phase, "p90", spread.p90(), unit, rests);
        of(part, expected, phase, "mean", spread.mean(), unit, rests);
    }

    private void of(
            String part,
            Expectation expected,
            PhaseExpectation phase,
            String measure,
            double value,
            String unit,
            String rests) {
        row(part, expected.workspace(), expected.experiment(), phase.phase(), measure, number(value), unit, rests);
    }

    private void kpi(Expectation expected, PhaseExpectation phase, KpiExpectation kpi) {
        String rests = String.valueOf(kpi.runs());
        String part = "kpi " + kpi.kpi();
        of(part, expected, phase, "latest", kpi.latest(), kpi.unit(), rests);
        kpi.values().ifPresent(values -> {
            of(part, expected, phase, "p10", values.p10(), kpi.unit(), rests);
            of(part, expected, phase, "median", values.median(), kpi.unit(), rests);
            of(part, expected, phase, "p90", values.p90(), kpi.unit(), rests);
        });
    }

    private void row(
            String part,
            String workspace,
            String subject,
            String phase,
            String measure,
            Object value,
            String unit,
            String rests) {
        rows.add(List.of(part, workspace, subject, phase, measure, value, unit, rests));
    }

    /** Nothing where it is no number. */
    private static Object number(double value) {
        return Double.isFinite(value) ? new BigDecimal(Double.toString(value)) : "";
    }

    private static String time(Optional<Instant> time) {
        return time.map(Instant::toString).orElse("");
    }
}

package io.mlflowexporter.estimate;

import io.mlflowexporter.estimate.Estimate.Amount;
import io.mlflowexporter.estimate.Estimate.Basis;
import io.mlflowexporter.estimate.Estimate.CostExpectation;
import io.mlflowexporter.estimate.Estimate.DeploymentPace;
import io.mlflowexporter.estimate.Estimate.Envelope;
import io.mlflowexporter.estimate.Estimate.Expectation;
import io.mlflowexporter.estimate.Estimate.KpiExpectation;
import io.mlflowexporter.estimate.Estimate.Line;
import io.mlflowexporter.estimate.Estimate.PhaseExpectation;
import io.mlflowexporter.estimate.Estimate.Spread;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** An answer as tables, in the same words on the page and in a terminal. */
public final class EstimateTables {
    private static final String TOO_FEW = "too few to tell";

    private final Estimate estimate;
    private final ZoneId zone;
    private final List<EstimateTable> tables = new ArrayList<>();

    private EstimateTables(Estimate estimate) {
        this.estimate = estimate;
        this.zone = ZoneId.of(estimate.zone());
    }

    /** The answer. */
    public static List<EstimateTable> of(Estimate estimate) {
        EstimateTables all = new EstimateTables(estimate);
        estimate.envelope().ifPresent(all::envelope);
        estimate.expectation().ifPresent(all::expectation);
        if (!estimate.deployments().isEmpty()) {
            all.deployments();
        }
        return all.tables;
    }

    private void envelope(Envelope envelope) {
        boolean converted = envelope.lines().stream().anyMatch(line -> line.rate() != 1);
        List<String> columns =
                new ArrayList<>(List.of("Resource", "Count", "Hours", "Hours in all", "Per hour", "Cost"));
        columns.addAll(List.of("Source", "Price in force"));
        List<List<String>> rows = new ArrayList<>();
        envelope.lines().forEach(line -> rows.add(line(line)));
        List<String> notes = new ArrayList<>();
        notes.add("Prices of " + ReadableNumbers.day(estimate.at(), zone) + ", " + estimate.zone()
                + "; hours in all: hours × count × " + plural(envelope.runs(), "run") + ".");
        if (converted) {
            notes.add("Converted by the cost book’s rates of that time: "
                    + envelope.lines().stream()
                            .filter(line -> line.rate() != 1)
                            .map(line -> "1 " + line.price().currency() + " = " + ReadableNumbers.number(line.rate())
                                    + " " + line.cost().currency())
                            .distinct()
                            .collect(Collectors.joining(", "))
                    + ".");
        }
        tables.add(new EstimateTable("Compute", columns, 5, rows, notes));
        overheads(envelope);
        totals(envelope);
    }

    private List<String> line(Line line) {
        return List.of(
                line.resource(),
                ReadableNumbers.number(line.count()),
                ReadableNumbers.number(line.hours()),
                ReadableNumbers.number(line.hoursInAll()),
                ReadableNumbers.number(line.price().perHour()) + " "
                        + line.price().currency(),
                money(line.cost()),
                line.price().source(),
                ReadableNumbers.validity(line.price(), zone));
    }

    private void overheads(Envelope envelope) {
        if (envelope.overheads().isEmpty()) {
            return;
        }
        tables.add(new EstimateTable(
                "Overheads",
                List.of("Category", "Cost"),
                1,
                envelope.overheads().stream()
                        .map(overhead -> List.of(overhead.category(), money(overhead.cost())))
                        .toList(),
                List.of(ReadableNumbers.number(envelope.overheadShare() * 100) + " % of what the cost book spends in "
                        + ReadableNumbers.shortNumber(envelope.overheadDays()) + " days from "
                        + ReadableNumbers.day(estimate.at(), zone)
                        + " on.")));
    }

    private void totals(Envelope envelope) {
        List<List<String>> rows = new ArrayList<>();
        if (!envelope.overhead().isEmpty()) {
            envelope.compute().forEach(amount -> rows.add(List.of("Compute", money(amount))));
            envelope.overhead().forEach(amount -> rows.add(List.of("Overheads", money(amount))));
        }
        envelope.total().forEach(amount -> rows.add(List.of("Total", money(amount))));
        List<String> notes = envelope.total().size() > 1
                ? List.of("Without a rate between them, currencies are not added.")
                : List.of();
        tables.add(new EstimateTable("Total", List.of("", "Cost"), 1, rows, notes));
    }

    private void expectation(Expectation expected) {
        String where = (expected.workspace().isEmpty() ? "" : expected.workspace() + " / ") + expected.experiment();
        List<List<String>> next = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (PhaseExpectation phase : expected.phases()) {
            next(expected, phase, next);
            notes.addAll(notes(phase));
        }
        notes.add(
                next.isEmpty()
                        ? "No run of it has finished yet: nothing to tell from."
                        : "Of each phase the newest finished runs, " + RunHistoryReader.NEWEST + " at most.");
        if (expected.phases().stream().anyMatch(phase -> !phase.costs().isEmpty())) {
            notes.add("Costs are what these runs used, at the prices of " + ReadableNumbers.day(estimate.at(), zone)
                    + ", without overheads.");
        }
        tables.add(new EstimateTable(
                "Next run of " + where,
                List.of("Phase and what", "Median", "90 % stay below", "Mean", "Rests on"),
                3,
                next,
                notes));
        List<List<String>> kpis = expected.phases().stream()
                .flatMap(phase -> phase.kpis().stream().map(kpi -> kpi(phase, kpi)))
                .toList();
        if (!kpis.isEmpty()) {
            tables.add(new EstimateTable(
                    "KPIs of " + where,
                    List.of("Phase and KPI", "Median", "80 % are within", "Latest", "Target", "Rests on"),
                    4,
                    kpis,
                    List.of()));
        }
    }

    private void next(Expectation expected, PhaseExpectation phase, List<List<String>> rows) {
        Basis basis = phase.basis();
        String rests = plural(basis.runs(), "run") + ", "
                + basis.oldest().map(this::date).orElse("") + " to "
                + basis.newest().map(this::date).orElse("");
        String duration = phase.phase() + ", duration";
        rows.add(phase.durationSeconds()
                .map(spread -> List.of(
                        duration,
                        ReadableNumbers.duration(spread.median()),
                        ReadableNumbers.duration(spread.p90()),
                        ReadableNumbers.duration(spread.mean()),
                        rests))
                .orElseGet(() -> List.of(duration, TOO_FEW, "", "", rests)));
        for (CostExpectation cost : phase.costs()) {
            Spread spread = cost.perRun();
            String priced = plural(phase.pricedRuns(), "run");
            rows.add(List.of(
                    phase.phase() + ", cost, " + cost.currency(),
                    ReadableNumbers.money(spread.median()),
                    ReadableNumbers.money(spread.p90()),
                    ReadableNumbers.money(spread.mean()),
                    priced));
            if (expected.runs() > 1) {
                rows.add(List.of(
                        phase.phase() + ", cost of " + plural(expected.runs(), "run") + ", " + cost.currency(),
                        "",
                        "",
                        ReadableNumbers.money(cost.planned()),
                        priced));
            }
        }
    }

    private String date(Instant at) {
        return at.atZone(zone).toLocalDate().toString();
    }

    private static List<String> notes(PhaseExpectation phase) {
        Basis basis = phase.basis();
        if (basis.nested()) {
            return List.of(
                    phase.phase() + ": these runs are nested in others, whose clock they share; they cost nothing of"
                            + " their own.");
        }
        if (basis.enough() && phase.costs().isEmpty() && phase.pricedRuns() < ExpectationCalculator.ENOUGH_RUNS) {
            return List.of(phase.phase() + ": " + plural(phase.pricedRuns(), "run")
                    + (phase.pricedRuns() == 1 ? " has" : " have") + " a price or a cost: " + TOO_FEW
                    + " what one costs.");
        }
        return !phase.costs().isEmpty() && phase.pricedRuns() < basis.runs()
                ? List.of(phase.phase() + ": " + plural(basis.runs() - phase.pricedRuns(), "run")
                        + " without a price left out of costs.")
                : List.of();
    }

    private static List<String> kpi(PhaseExpectation phase, KpiExpectation kpi) {
        String name = phase.phase() + ", " + kpi.kpi() + (kpi.unit().isEmpty() ? "" : ", " + kpi.unit());
        String target = kpi.target()
                .map(it -> (kpi.better().equals("lower") ? "≤ " : "≥ ") + ReadableNumbers.shortNumber(it))
                .orElse("");
        String latest = ReadableNumbers.shortNumber(kpi.latest());
        String rests = plural(kpi.runs(), "run");
        return kpi.values()
                .map(values -> List.of(
                        name,
                        ReadableNumbers.shortNumber(values.median()),
                        ReadableNumbers.shortNumber(values.p10()) + " to " + ReadableNumbers.shortNumber(values.p90()),
                        latest,
                        target,
                        rests))
                .orElseGet(() -> List.of(name, TOO_FEW, "", latest, target, rests));
    }

    private void deployments() {
        List<List<String>> rows = new ArrayList<>();
        for (DeploymentPace pace : estimate.deployments()) {
            String model = (pace.workspace().isEmpty() ? "" : pace.workspace() + " / ") + pace.model();
            rows.add(List.of(
                    model + ", " + pace.alias(),
                    pace.per30Days().map(ReadableNumbers::shortNumber).orElse(TOO_FEW),
                    plural(pace.deployments(), "deployment") + " in "
                            + ReadableNumbers.duration(pace.days() * 86_400)));
        }
        tables.add(new EstimateTable(
                "Deployments of new versions",
                List.of("Model and alias", "Per 30 days", "Rests on"),
                1,
                rows,
                List.of()));
    }

    private static String money(Amount amount) {
        return ReadableNumbers.money(amount.amount()) + " " + amount.currency();
    }

    private static String plural(long number, String noun) {
        return String.format(Locale.ROOT, "%,d", number) + " " + noun + (number == 1 ? "" : "s");
    }
}

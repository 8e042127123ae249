package io.mlflowexporter.audit;

import io.mlflowexporter.audit.AuditPricing.Part;
import io.mlflowexporter.audit.AuditPricing.Price;
import io.mlflowexporter.audit.server.MlflowContent.Run;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.cost.pricing.UsageRule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What each run cost, line by line. */
final class RunCosts {
    private static final int DEEPEST_NESTING = 100;

    /**
     * One price paid for a time.
     *
     * @param price as shown, within that time
     * @param original the same as the book gives it, for the whole time it was paid
     * @param paidNow whether it is paid on at the same price
     * @param machine which part of it the run pays
     */
    record Line(
            Run run,
            String outcome,
            String unit,
            BigDecimal quantity,
            Price price,
            Price original,
            boolean paidNow,
            MachineTime machine) {
        /** Of all of them together, for the whole machine. */
        BigDecimal perHour() {
            return price.perHour().multiply(quantity);
        }

        BigDecimal cost(long begin, long end) {
            Price paid = price.within(begin, end);
            return AuditPricing.cost(perHour(), machine.millis(paid.from(), paid.until()));
        }

        BigDecimal seconds() {
            return machine.millis(price.from(), price.until()).movePointLeft(3).multiply(quantity);
        }
    }

    /**
     * A run that pays, and the time it was busy.
     *
     * @param millis how long it ran between {@code from} and {@code until}
     */
    record Busy(Run run, long from, long until, long millis, String outcome, List<Line> lines, long unpricedMillis) {}

    private final AuditPricing book;
    private final long nowMillis;
    private final Config config;
    private final Map<String, Run> byId = new HashMap<>();

    RunCosts(AuditPricing book, List<Run> runs, long nowMillis, Config config) {
        this.book = book;
        this.nowMillis = nowMillis;
        this.config = config;
        runs.forEach(run -> byId.put(run.id(), run));
    }

    /** Every run with a clock of its own, in order of start. */
    List<Busy> all() {
        List<Run> paying = byId.values().stream()
                .filter(run -> RunTime.hasClock(run) && pays(run))
                .sorted(Comparator.comparingLong(Run::startMillis).thenComparing(Run::id))
                .toList();
        Map<String, List<RunTime>> users = new HashMap<>();
        for (Run run : paying) {
            RunTime time = RunTime.of(run, nowMillis, config);
            if (time.credible() && !time.stretches().isEmpty()) {
                book.machine(run)
                        .ifPresent(machine -> users.computeIfAbsent(machine, key -> new ArrayList<>())
                                .add(time));
            }
        }
        Map<String, MachineTime> machines = new HashMap<>();
        users.forEach((machine, times) -> machines.put(machine, MachineTime.usedBy(times)));
        List<Busy> all = new ArrayList<>();
        for (Run run : paying) {
            Optional<MachineTime> shared = book.machine(run).map(machines::get);
            all.add(busy(run, shared.orElse(MachineTime.OWN)));
        }
        return all;
    }

    private boolean pays(Run run) {
        List<Run> line = new ArrayList<>();
        Run parent = parent(run);
        while (parent != null) {
            if (parent.id().equals(run.id()) || line.size() == DEEPEST_NESTING) {
                return true;
            }
            line.add(parent);
            parent = parent(parent);
        }
        for (Run ancestor : line) {
            if (book.rule(ancestor).map(UsageRule::distributedChildren).orElse(false)) {
                return true;
            }
            if (RunTime.hasClock(ancestor)) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Run parent(Run run) {
        return byId.get(run.parentId());
    }

    private Busy busy(Run run, MachineTime machine) {
        RunTime time = RunTime.of(run, nowMillis, config);
        Optional<List<Part>> parts = book.uses(run);
        if (!time.credible()) {
            boolean free = parts.isPresent()
                    && parts.get().stream().allMatch(part -> part.quantity().signum() == 0);
            return new Busy(
                    run,
                    time.fromMillis(),
                    time.untilMillis(),
                    time.millis(),
                    time.outcome(),
                    List.of(),
                    free ? 0 : time.millis());
        }
        return priced(run, machine, time, parts);
    }

    private Busy priced(Run run, MachineTime machine, RunTime time, Optional<List<Part>> parts) {
        List<Line> lines = new ArrayList<>();
        List<long[]> gaps = new ArrayList<>();
        for (long[] stretch : time.stretches()) {
            if (parts.isEmpty()) {
                gaps.add(stretch);
            }
            for (Part part : parts.orElse(List.of())) {
                if (part.quantity().signum() != 0) {
                    pay(run, machine, time.outcome(), part, stretch, lines, gaps);
                }
            }
        }
        return new Busy(run, time.fromMillis(), time.untilMillis(), time.millis(), time.outcome(), lines, length(gaps));
    }

    private void pay(
            Run run,
            MachineTime machine,
            String outcome,
            Part part,
            long[] stretch,
            List<Line> lines,
            List<long[]> gaps) {
        long at = stretch[0];
        for (Price price : book.given(part.unit(), stretch[0], stretch[1])) {
            gaps.add(new long[] {at, price.from()});
            at = price.until();
            for (Price shown : book.shown(price)) {
                boolean paidNow = outcome.equals("running") && holdsNow(part.unit(), shown);
                lines.add(new Line(run, outcome, part.unit(), part.quantity(), shown, price, paidNow, machine));
            }
        }
        gaps.add(new long[] {at, stretch[1]});
    }

    /** Whether a price, as it is shown, holds up to now and is not over by now. */
    private boolean holdsNow(String unit, Price price) {
        return price.until() >= nowMillis
                && book.given(unit, nowMillis, nowMillis + 1).stream()
                        .flatMap(given -> book.shown(given).stream())
                        .anyMatch(shown -> shown.currency().equals(price.currency())
                                && shown.perHour().compareTo(price.perHour()) == 0);
    }

    /** Of all gaps together, no moment counted twice. */
    private static long length(List<long[]> gaps) {
        gaps.sort(Comparator.comparingLong(gap -> gap[0]));
        long length = 0;
        long covered = Long.MIN_VALUE;
        for (long[] gap : gaps) {
            long begin = Math.max(gap[0], covered);
            if (begin < gap[1]) {
                length += gap[1] - begin;
                covered = gap[1];
            }
        }
        return length;
    }
}

package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.cost.budget.Budgets;
import io.mlflowexporter.cost.budget.Forecasts;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.usage.BurnRate;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.MachineShare;
import io.mlflowexporter.cost.usage.Nesting;
import io.mlflowexporter.cost.usage.RunUse;
import io.mlflowexporter.cost.usage.SharedMachines;
import io.mlflowexporter.cost.usage.UsageRules;
import io.mlflowexporter.mlflow.Experiment;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * What all runs cost by one book on one day of its calendar. Sums are kept from one refresh to the next, see
 * {@link KeptRows}, and are the same as if all runs were added up anew.
 */
final class Spending implements KeptRows.Sums {
    private final CostPass pass;
    private final Catalog catalog;
    private final PricingFile book;
    private final TimeRules rules;
    private final Nesting nesting;
    /** Rows whose own time was added. */
    private final BitSet added = new BitSet();

    private final SharedMachines machines = new SharedMachines();
    private final boolean sharing;

    private final List<CostSink> sinks;
    private CostClock now;

    final WindowCosts inWindows;
    final BurnRate burn = new BurnRate();
    final Forecasts forecasts;
    final Budgets budgets;
    final Utilization utilization;
    final Coverage coverage;

    /** Begins with nothing spent, what the counters hold to be true now included. */
    Spending(
            CostModel model,
            CostPass pass,
            Catalog catalog,
            CostClock now,
            TimeRules rules,
            CostCounters counters,
            EnergyCounters energy) {
        this.pass = pass;
        this.catalog = catalog;
        this.book = model.book();
        this.now = now;
        this.rules = rules;
        this.sharing = book.rules().stream().anyMatch(rule -> rule.sharedBy().isPresent());
        nesting = new Nesting(catalog.runs(), row -> pass.usage(catalog, row).distributedChildren());
        inWindows = new WindowCosts(now, catalog.runs(), book.projectTag(), book.teamTag());
        forecasts = new Forecasts(now, book.timeZone());
        budgets = new Budgets(book, now, model.rates());
        utilization = new Utilization(now, catalog.runs());
        coverage = new Coverage(book, catalog.runs(), now);
        counters.begin();
        energy.begin();
        sinks = List.of(
                counters,
                inWindows,
                burn,
                forecasts,
                budgets,
                utilization,
                coverage,
                new Energy(book, catalog.runs(), energy));
    }

    /** The reading of the clock that it is of. */
    CostClock now() {
        return now;
    }

    Catalog catalog() {
        return catalog;
    }

    /** What one run cost so far, by currency; nothing for one whose time its parent's covers. */
    Map<String, Double> costOf(int row, long nowMillis) {
        return nesting.ownClock(row) ? pass.cost(catalog, row, machines.of(row), nowMillis, rules) : Map.of();
    }

    /** What one run uses. */
    RunUse useOf(int row) {
        return pass.use(catalog, row, nesting.ownClock(row), meanShare(row));
    }

    private double meanShare(int row) {
        MachineShare machine = machines.of(row);
        double own = 0;
        long all = 0;
        for (BillableTime.Stretch stretch :
                BillableTime.of(catalog.runs(), row, now.nowMillis, rules).stretches()) {
            own += machine.millis(stretch.fromMillis(), stretch.untilMillis());
            all += stretch.untilMillis() - stretch.fromMillis();
        }
        return all == 0 ? 1 : own / all;
    }

    @Override
    public void arriving(int row, long nowMillis, IntConsumer others) {
        if (sharing) {
            RunTable runs = catalog.runs();
            boolean pays = runs.counted(row) && BillableTime.begun(runs, row) && nesting.ownClock(row);
            String machine = pays ? UsageRules.machine(pass.usage(catalog, row), runs.notes(row)) : "";
            machines.put(row, machine, machine.isEmpty() ? new long[0] : times(row, nowMillis), others);
        }
    }

    /** As {@link MachineShare#of} takes them. */
    private long[] times(int row, long nowMillis) {
        BillableTime time = BillableTime.of(catalog.runs(), row, nowMillis, rules);
        List<BillableTime.Stretch> stretches = time.plausible() ? time.stretches() : List.of();
        long[] times = new long[2 * stretches.size()];
        for (int i = 0; i < stretches.size(); i++) {
            times[2 * i] = stretches.get(i).fromMillis();
            times[2 * i + 1] = stretches.get(i).untilMillis();
        }
        // Time goes on by itself: a run that runs on changes nothing for those it shares a machine with.
        if (time.state() == BillableTime.State.RUNNING && times.length > 0 && times[times.length - 1] == nowMillis) {
            times[times.length - 1] = Long.MAX_VALUE;
        }
        return times;
    }

    @Override
    public void at(long nowMillis) {
        machines.settle();
        now = new CostClock(nowMillis, book.timeZone());
        sinks.forEach(sink -> sink.at(now));
    }

    @Override
    public long put(int row) {
        boolean own = nesting.ownClock(row);
        added.set(row, own);
        Optional<BillableTime> told = own ? tell(row, 1) : Optional.empty();
        if (told.isEmpty()) {
            return KeptRows.FOREVER;
        }
        BillableTime time = told.get();
        boolean over = time.state() != BillableTime.State.RUNNING && time.untilMillis() < now.nowMillis;
        return over ? now.holdsUntil(time.fromMillis(), time.untilMillis()) : KeptRows.AGAIN;
    }

    @Override
    public void take(int row) {
        if (added.get(row)) {
            tell(row, -1);
        }
    }

    private Optional<BillableTime> tell(int row, int times) {
        return pass.run(catalog, row, times, machines.of(row), now.nowMillis, rules, sinks);
    }

    @Override
    public void changing(int row) {
        nesting.changing(row);
    }

    @Override
    public boolean following(IntConsumer row) {
        return nesting.changed(row);
    }

    @Override
    public Object seenOf(Experiment experiment) {
        return List.of(
                experiment.workspace(),
                experiment.name(),
                tag(experiment, book.projectTag()),
                tag(experiment, book.teamTag()));
    }

    private static String tag(Experiment experiment, Optional<String> tag) {
        return tag.map(name -> experiment.tags().getOrDefault(name, "")).orElse("");
    }

    @Override
    public boolean whole() {
        return forecasts.whole() && budgets.whole();
    }
}

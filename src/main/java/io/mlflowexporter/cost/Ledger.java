package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.cost.budget.Budgets;
import io.mlflowexporter.cost.budget.CostOverview;
import io.mlflowexporter.cost.budget.Forecasts;
import io.mlflowexporter.cost.budget.LlmForecasts;
import io.mlflowexporter.cost.budget.LlmSpending;
import io.mlflowexporter.cost.budget.Overheads;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.usage.BurnRate;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.RunUse;
import io.mlflowexporter.cost.usage.UsageRules;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps what was spent. Belongs to the refresh thread. */
public final class Ledger {
    static final FamilyDeclaration CLAMPED = new FamilyDeclaration(
            "mlflow_exporter_ledger_clamped_series",
            FamilyDeclaration.Type.GAUGE,
            "Cost counters that wait, since a new price or an edit in MLflow made what is true less than what was"
                    + " said, as of the snapshot.",
            List.of(),
            Stability.STABLE,
            Fold.NEVER);

    private final Supplier<Optional<CostModel>> models;
    private final boolean overheadsToo;
    private CostCounters counters = new CostCounters();
    private EnergyCounters energy = new EnergyCounters();
    private Optional<CostModel> model = Optional.empty();
    private @Nullable CostPass pass;
    private final KeptRows<Spending> spending = new KeptRows<>();
    private @Nullable Spending lastSpent;
    private LocalDate today = LocalDate.MIN;
    private @Nullable TimeRules lastRules;
    private List<String> lastIdle = List.of();
    private List<WindowCost> windowCosts = List.of();

    /**
     * What a refresh found.
     *
     * @param overview empty where no cost book is configured
     * @param unreadableQuantities runs that tell a quantity which is none
     * @param newlyIdle lines to log: what of the book matched no run, where that was not so before
     */
    public record Report(
            List<Family> families, Optional<CostOverview> overview, long unreadableQuantities, List<String> newlyIdle) {
        static final Report NOTHING = new Report(List.of(), Optional.empty(), 0, List.of());
    }

    /**
     * Begins with nothing spent.
     *
     * @param models asked at each refresh, so that it may change while the exporter runs; empty for no costs
     */
    public Ledger(Supplier<Optional<CostModel>> models) {
        this(models, true);
    }

    /**
     * As {@link #Ledger(Supplier)}.
     *
     * @param overheadsToo false where another ledger tells the overheads, so that they add up to those of the book
     */
    public Ledger(Supplier<Optional<CostModel>> models, boolean overheadsToo) {
        this.models = models;
        this.overheadsToo = overheadsToo;
    }

    /** What was spent until a restart. */
    public static final class Saved {
        private final CostCounters counters;
        private final EnergyCounters energy;

        private Saved(CostCounters counters, EnergyCounters energy) {
            this.counters = counters;
            this.energy = energy;
        }

        /** Nothing. */
        public static Saved nothing() {
            return new Saved(new CostCounters(), new EnergyCounters());
        }
    }

    /** Writes what was spent, for {@link #read}. */
    public void write(FieldWriter out) throws IOException {
        counters.write(out);
        energy.write(out);
    }

    /**
     * What was spent as it was written.
     *
     * @throws IOException if it cannot be true
     */
    public static Saved read(FieldReader in) throws IOException {
        Saved saved = Saved.nothing();
        while (in.next()) {
            saved.counters.read(in);
            saved.energy.read(in);
        }
        return saved;
    }

    /**
     * Goes on from what was spent; whatever was counted since the start is forgotten. The catalog told of at the next
     * refresh must know the experiments.
     */
    public void restore(Saved saved) {
        counters = saved.counters;
        energy = saved.energy;
        pass = null;
        spending.forget();
        lastSpent = null;
        lastIdle = List.of();
    }

    /** A ledger for an exporter without a cost book. */
    public static Ledger none() {
        return new Ledger(Optional::empty);
    }

    /** All families that tell what runs cost. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(
                CostCounters.SECONDS,
                CostCounters.COST,
                CostCounters.OUTCOME,
                CostCounters.UNPRICED,
                WindowCosts.COST,
                WindowCosts.PROJECT,
                WindowCosts.TEAM,
                WindowCosts.IDLE,
                BurnRate.FAMILY,
                Forecasts.FAMILY,
                LlmForecasts.FAMILY,
                Utilization.FAMILY,
                Energy.JOULES,
                Energy.GRAMS);
    }

    /** All families that tell what is in the cost book and how it stands: no workspace's, as the book is the server's. */
    public static List<FamilyDeclaration> bookDeclarations() {
        return List.of(Prices.FAMILY, Overheads.FAMILY, Budgets.AMOUNT, Budgets.SPENT, Budgets.FORECAST, CLAMPED);
    }

    /** What of the runs the book in force looks at. */
    public RunNeeds needs() {
        return models.get().map(Ledger::needs).orElse(RunNeeds.NOTHING);
    }

    private static RunNeeds needs(CostModel model) {
        return new RunNeeds(
                UsageRules.tags(model.book()),
                UsageRules.params(model.book()),
                Set.of(),
                true,
                UsageRules.machines(model.book()));
    }

    /** A book that came while runs were read may look at what was not asked for: its turn is after the next reading. */
    private Optional<CostModel> readFor(Catalog catalog) {
        Optional<CostModel> newest = models.get();
        return newest.isEmpty() || catalog.kept().covers(needs(newest.get())) ? newest : model;
    }

    /**
     * What one run cost so far, by currency, with the book of the last refresh. Empty without a book, for a run that is
     * not known or whose time its parent's covers, and where no price covers any of it.
     */
    public Map<String, Double> costOf(Catalog catalog, String runId, long nowMillis) {
        OptionalInt row = catalog.runs().row(runId);
        Spending last = lastSpent;
        return last == null || last.catalog() != catalog || row.isEmpty()
                ? Map.of()
                : last.costOf(row.getAsInt(), nowMillis);
    }

    /** What a run uses, with the book of the last refresh; empty without a book. */
    public Optional<RunUse> useOf(Catalog catalog, int row) {
        Spending last = lastSpent;
        return last == null || last.catalog() != catalog ? Optional.empty() : Optional.of(last.useOf(row));
    }

    /** What windows cost by the last refresh; empty without prices. */
    public List<WindowCost> windowCosts() {
        return windowCosts;
    }

    /** Computes everything at one reading of the clock. */
    public Report refresh(Catalog catalog, long nowMillis, TimeRules rules) {
        return refresh(catalog, nowMillis, rules, LlmSpending.NONE);
    }

    /** As above, with what LLM traces cost beside the runs. */
    public Report refresh(Catalog catalog, long nowMillis, TimeRules rules, LlmSpending traces) {
        Optional<CostModel> current = readFor(catalog);
        windowCosts = List.of();
        if (current.isEmpty()) {
            return Report.NOTHING;
        }
        CostModel book = current.get();
        CostPass costs = pass;
        if (costs == null || !model.equals(current)) {
            costs = new CostPass(new UsageRules(book.book(), book.tariffs()));
            pass = costs;
            model = current;
            lastIdle = List.of();
            spending.forget();
        }
        return refresh(
                book, costs, catalog, new CostClock(nowMillis, book.book().timeZone()), rules, traces);
    }

    private Report refresh(
            CostModel model, CostPass costs, Catalog catalog, CostClock now, TimeRules rules, LlmSpending traces) {
        PricingFile book = model.book();
        if (!now.today.equals(today) || !rules.equals(lastRules)) {
            // Days and calendar periods begin elsewhere now, or other runs are stale.
            lastRules = rules;
            spending.forget();
            today = now.today;
        }
        Spending spent = spending.refresh(
                catalog, now.nowMillis, () -> new Spending(model, costs, catalog, now, rules, counters, energy));
        lastSpent = spent;
        counters.end();
        energy.end();
        Overheads overheads = new Overheads(book, model.rates(), overheadsToo);
        List<CostOverview.BudgetState> budgetStates = spent.budgets.states(overheads, traces);
        List<Family> families = new ArrayList<>(counters.families(catalog));
        windowCosts = spent.inWindows.values();
        families.addAll(spent.inWindows.families());
        families.add(spent.burn.family());
        families.add(Prices.family(model.tariffs().values(), now.nowMillis));
        families.add(overheads.family(now.windows, now.nowMillis));
        families.add(spent.forecasts.family());
        families.add(LlmForecasts.family(traces, now, book));
        families.addAll(spent.budgets.families(budgetStates));
        families.add(spent.utilization.family());
        families.addAll(energy.families(catalog));
        Samples clamped = new Samples();
        clamped.max("", counters.waiting() + energy.waiting());
        families.add(clamped.family(CLAMPED));
        Coverage coverage = spent.coverage;
        List<String> idle = idle(book, coverage, spent.budgets);
        // The number of runs is told once and is no part of the line: it would make a new line of it each time.
        List<String> newlyIdle = idle.stream()
                .filter(line -> !lastIdle.contains(line))
                .map(line -> line + " (" + coverage.runs() + " looked at)")
                .toList();
        lastIdle = idle;
        CostOverview overview = new CostOverview(
                WindowTotals.byWindow(windowCosts, now.windows),
                WindowTotals.dearest(windowCosts, now.last30Days),
                coverage.unpricedRatio(),
                coverage.unpriced(),
                budgetStates,
                idle);
        return new Report(families, Optional.of(overview), coverage.unreadable(), newlyIdle);
    }

    private static List<String> idle(PricingFile book, Coverage coverage, Budgets budgets) {
        List<String> idle = new ArrayList<>();
        if (coverage.runs() == 0) {
            return idle;
        }
        for (int i = 0; i < book.rules().size(); i++) {
            if (coverage.matched(i) == 0) {
                idle.add("rule " + Coverage.name(book, i) + " is the first to match for none of the runs");
            }
        }
        for (int i = 0; i < book.budgets().size(); i++) {
            PricingFile.Budget budget = book.budgets().get(i);
            if (budgets.matched(i) == 0 && !budget.includes().contains(PricingFile.Budget.Spending.LLM)) {
                idle.add("budget " + budget.name() + " (" + budget.place() + ") matches none of the runs");
            }
        }
        return idle;
    }
}

package io.mlflowexporter.cost;

import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.cost.pricing.PricingFile.Overhead;
import io.mlflowexporter.cost.pricing.Quantity;
import io.mlflowexporter.cost.pricing.Resource;
import io.mlflowexporter.cost.pricing.StepFunction;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.pricing.UsageRule;
import io.mlflowexporter.cost.pricing.Use;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.value.Glob;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes cost models of values, for tests that generate them. Files are read where tests read like a user's view. */
public final class PricingFiles {
    static final Place HERE = new Place("book.yaml", 1);

    private final ZoneId zone;
    private final List<Resource> resources = new ArrayList<>();
    private final Map<String, Tariff> tariffs = new HashMap<>();
    private final List<UsageRule> rules = new ArrayList<>();
    private final List<Budget> budgets = new ArrayList<>();

    private PricingFiles(ZoneId zone) {
        this.zone = zone;
    }

    public static PricingFiles in(ZoneId zone) {
        return new PricingFiles(zone);
    }

    public PricingFiles resource(String name, Tariff.Piece... pieces) {
        resources.add(new Resource(name, List.of(), Optional.empty(), Optional.empty(), Optional.empty(), HERE));
        tariffs.put(name, new Tariff(name, List.of(pieces)));
        return this;
    }

    /** A rule for one value of the tag {@code kind}. */
    public PricingFiles rule(String kind, boolean distributedChildren, Use... uses) {
        return rule(kind, distributedChildren, Optional.empty(), uses);
    }

    /** The same for runs that share machines by a tag or param. */
    public PricingFiles rule(String kind, boolean distributedChildren, Optional<String> sharedBy, Use... uses) {
        rules.add(new UsageRule(
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Map.of("kind", Glob.of(kind)),
                Map.of(),
                Optional.of(List.of(uses)),
                distributedChildren,
                sharedBy,
                HERE));
        return this;
    }

    public static Use use(String resource, double count) {
        return use(resource, new Quantity(Quantity.Source.CONSTANT, "", Optional.of(BigDecimal.valueOf(count))));
    }

    public static Use use(String resource, Quantity count) {
        return new Use(resource, count, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), HERE);
    }

    public PricingFiles budget(String name, double amount, Budget.Period period, String experiment, String phase) {
        budgets.add(new Budget(
                name,
                BigDecimal.valueOf(amount),
                Optional.empty(),
                period,
                experiment.isEmpty() ? List.of() : List.of(Glob.of(experiment)),
                List.of(),
                phase.isEmpty() ? List.of() : List.of(Glob.of(phase)),
                Map.of(),
                List.of(),
                List.of(Budget.Spending.COMPUTE),
                HERE));
        return this;
    }

    /** So much a month, always. */
    public static Overhead monthly(double amount) {
        return new Overhead(
                Overhead.Category.SOFTWARE,
                Optional.empty(),
                Optional.of(BigDecimal.valueOf(amount)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                HERE);
    }

    private static StepFunction noConversion(String from, String to) {
        return from.equals(to) ? StepFunction.always(1) : StepFunction.NONE;
    }

    public CostModel model() {
        PricingFile book = new PricingFile(
                zone,
                Optional.of(Currency.getInstance("EUR")),
                Optional.empty(),
                List.of(),
                resources,
                rules,
                List.of(),
                false,
                Optional.empty(),
                Optional.empty(),
                budgets,
                List.of(),
                List.of(),
                BigDecimal.ONE,
                List.of());
        return new CostModel(book, tariffs, PricingFiles::noConversion);
    }
}

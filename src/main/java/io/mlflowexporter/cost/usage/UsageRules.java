package io.mlflowexporter.cost.usage;

import io.mlflowexporter.catalog.RunNotes;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.cost.pricing.Quantity;
import io.mlflowexporter.cost.pricing.Resource;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.pricing.UsageRule;
import io.mlflowexporter.cost.pricing.Use;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.settings.value.Glob;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Says which run used what: a trusted hint of the run's own, else the first rule that matches, else the default. Whether
 * children have machines of their own and what runs share machines is up to the rule alone. Also says which budgets a run is spent from.
 */
public final class UsageRules {
    static final String RESOURCE_HINT = "mlflow-exporter.resource";
    static final String COUNT_HINT = "mlflow-exporter.count";

    private static final Quantity ONE = new Quantity(Quantity.Source.CONSTANT, "", Optional.of(BigDecimal.ONE));
    private static final Quantity HINTED_COUNT =
            new Quantity(Quantity.Source.TAG, COUNT_HINT, Optional.of(BigDecimal.ONE));

    /** Amounts may differ from run to run, and their hashes may be chosen to be equal. */
    private static final int MOST_SHARED = 1_000;

    private final PricingFile book;
    private final Map<String, Resource> resources = new HashMap<>();
    private final UsageParts parts;
    /** Runs are many and what is said of them is little: equal answers are one object. */
    private final Map<RunUsage, RunUsage> shared = new HashMap<>();

    /**
     * Takes the rules of a book that passed its checks.
     *
     * @param tariffs by unit name
     */
    public UsageRules(PricingFile book, Map<String, Tariff> tariffs) {
        this.book = book;
        book.resources().forEach(resource -> resources.put(resource.name(), resource));
        this.parts = new UsageParts(resources, tariffs);
    }

    public RunUsage usage(RunTable runs, int row, Experiment experiment) {
        if (shared.size() >= MOST_SHARED) {
            shared.clear();
        }
        return shared.computeIfAbsent(
                uses(runs, row, experiment).spentFrom(budgets(runs, row, experiment)), usage -> usage);
    }

    private RunUsage uses(RunTable runs, int row, Experiment experiment) {
        RunNotes notes = runs.notes(row);
        int first = 0;
        while (first < book.rules().size() && !matches(book.rules().get(first), runs, row, experiment)) {
            first++;
        }
        Optional<UsageRule> rule =
                first < book.rules().size() ? Optional.of(book.rules().get(first)) : Optional.empty();
        boolean distributedChildren = rule.map(UsageRule::distributedChildren).orElse(false);
        String hint = book.trustRunHints() ? notes.tags().getOrDefault(RESOURCE_HINT, "") : "";
        String sharedBy = rule.flatMap(UsageRule::sharedBy).orElse("");
        Resource hinted = resources.get(hint);
        if (hinted != null && !UsageParts.pricedByRates(hinted)) {
            return parts.of(List.of(hinted(hinted)), notes, distributedChildren, sharedBy, -1);
        }
        if (rule.isPresent()) {
            return parts.of(rule.get().uses().orElse(List.of()), notes, distributedChildren, sharedBy, first);
        }
        return book.defaultUses().isEmpty()
                ? new RunUsage(false, List.of(), false, false, -1, "", List.of())
                : parts.of(book.defaultUses(), notes, false, "", -1);
    }

    /** What runs have in common that share a machine, as rules say it. */
    public static Set<String> machines(PricingFile book) {
        return book.rules().stream().flatMap(rule -> rule.sharedBy().stream()).collect(Collectors.toUnmodifiableSet());
    }

    /** What a run has in common with those that use its machine too; empty where the machine is its own. */
    public static String machine(RunUsage usage, RunNotes notes) {
        if (usage.sharedBy().isEmpty()) {
            return "";
        }
        String shared = UsageParts.value(usage.sharedBy(), notes).orElse("");
        return shared.isEmpty() ? "" : usage.sharedBy() + "=" + shared;
    }

    private List<Integer> budgets(RunTable runs, int row, Experiment experiment) {
        List<Integer> spentFrom = new ArrayList<>();
        for (int i = 0; i < book.budgets().size(); i++) {
            Budget budget = book.budgets().get(i);
            if (Glob.anyOf(budget.experiment(), experiment.name())
                    && Glob.anyOf(budget.workspace(), experiment.workspace())
                    && Glob.anyOf(budget.phase(), runs.phase(row))
                    && all(budget.tags(), runs.notes(row).tags())) {
                spentFrom.add(i);
            }
        }
        return spentFrom;
    }

    private static Use hinted(Resource resource) {
        return new Use(
                resource.name(),
                HINTED_COUNT,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                resource.place());
    }

    private static boolean matches(UsageRule rule, RunTable runs, int row, Experiment experiment) {
        return Glob.anyOf(rule.experiment(), experiment.name())
                && Glob.anyOf(rule.workspace(), experiment.workspace())
                && Glob.anyOf(rule.phase(), runs.phase(row))
                && Glob.anyOf(rule.user(), runs.user(row))
                && Glob.anyOf(rule.source(), runs.source(row))
                && Glob.anyOf(rule.runName(), runs.name(row))
                && all(rule.tags(), runs.notes(row).tags())
                && all(rule.params(), runs.notes(row).params());
    }

    /** Whether every pattern matches the value of its key. */
    static boolean all(Map<String, Glob> patterns, Map<String, String> values) {
        for (Map.Entry<String, Glob> pattern : patterns.entrySet()) {
            String value = values.get(pattern.getKey());
            if (value == null || !pattern.getValue().matches(value)) {
                return false;
            }
        }
        return true;
    }

    /** The tags that rules, budgets and groups look at. */
    public static Set<String> tags(PricingFile book) {
        Set<String> tags = new HashSet<>(named(book, Quantity.Source.TAG));
        book.rules().forEach(rule -> tags.addAll(rule.tags().keySet()));
        book.budgets().forEach(budget -> tags.addAll(budget.tags().keySet()));
        book.projectTag().ifPresent(tags::add);
        book.teamTag().ifPresent(tags::add);
        if (book.trustRunHints()) {
            tags.add(RESOURCE_HINT);
            tags.add(COUNT_HINT);
        }
        return tags;
    }

    /** The params that rules look at. */
    public static Set<String> params(PricingFile book) {
        Set<String> params = new HashSet<>(named(book, Quantity.Source.PARAM));
        book.rules().forEach(rule -> params.addAll(rule.params().keySet()));
        return params;
    }

    private static Set<String> named(PricingFile book, Quantity.Source source) {
        List<Use> uses = new ArrayList<>(book.defaultUses());
        book.rules().forEach(rule -> uses.addAll(rule.uses().orElse(List.of())));
        Set<String> names = new HashSet<>();
        for (Use use : uses) {
            for (Quantity quantity : List.of(
                    use.count(),
                    use.vcpus().orElse(ONE),
                    use.memoryGib().orElse(ONE),
                    use.gpus().orElse(ONE))) {
                if (quantity.source() == source && !quantity.name().isEmpty()) {
                    names.add(quantity.name());
                }
            }
            use.gpuModel()
                    .filter(model -> UsageParts.named(model, source))
                    .ifPresent(model -> names.add(UsageParts.name(model)));
        }
        for (UsageRule rule : book.rules()) {
            rule.sharedBy()
                    .filter(shared -> UsageParts.named(shared, source))
                    .ifPresent(shared -> names.add(UsageParts.name(shared)));
        }
        return names;
    }
}

package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.cost.pricing.PricingFile.Conversion;
import io.mlflowexporter.cost.pricing.PricingFile.Overhead;
import io.mlflowexporter.cost.pricing.Resource.Price;
import io.mlflowexporter.cost.pricing.Resource.Rates;
import io.mlflowexporter.settings.ElementChecks;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.Quoted;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What must hold inside one element of a list of the cost book. */
public final class PricingElementChecks {
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._:+@()-]{0,63}");

    private static final Pattern SHARED_BY = Pattern.compile("(tag|param):.+");

    private final String path;
    private final Function<String, Origin> origins;
    private final Problems problems;

    private PricingElementChecks(String path, Function<String, Origin> origins, Problems problems) {
        this.path = path;
        this.origins = origins;
        this.problems = problems;
    }

    /** As {@link ElementChecks#check}. */
    public static void check(Object element, String path, Function<String, Origin> origins, Problems problems) {
        PricingElementChecks checks = new PricingElementChecks(path, origins, problems);
        if (element instanceof Resource resource) {
            checks.resource(resource);
        } else if (element instanceof Price price) {
            checks.exactlyOne(Map.of("per_hour", price.perHour(), "rates", price.rates(), "owned", price.owned()));
        } else if (element instanceof Rates rates) {
            checks.rates(rates);
        } else if (element instanceof UsageRule rule) {
            checks.rule(rule);
        } else if (element instanceof Use use) {
            checks.use(use);
        } else if (element instanceof Conversion conversion) {
            checks.conversion(conversion);
        } else if (element instanceof Budget budget) {
            checks.name("name", budget.name(), "a budget's name");
        } else if (element instanceof Overhead overhead) {
            checks.overhead(overhead);
        }
    }

    private void resource(Resource resource) {
        name("name", resource.name(), "a resource's name");
        if (resource.prices().isEmpty() && resource.focus().isEmpty()) {
            error("prices", "are missing; give prices or focus (what costs nothing has the price 0)");
        }
    }

    private void rates(Rates rates) {
        if (rates.parts().isEmpty()) {
            error("", "names no rate; give vcpu, gib or gpu");
        }
        rates.gpu().keySet().forEach(model -> name("gpu", model, "a GPU's model"));
    }

    private void rule(UsageRule rule) {
        boolean any = Stream.of(
                        rule.experiment(),
                        rule.workspace(),
                        rule.phase(),
                        rule.user(),
                        rule.source(),
                        rule.runName(),
                        rule.tags().keySet(),
                        rule.params().keySet())
                .allMatch(Collection::isEmpty);
        if (any) {
            error(
                    "",
                    "has no condition and would match every run; write what all other runs used into default_uses, or"
                            + " give one of experiment, workspace, phase, user, source, run_name, tags and params");
        }
        if (rule.uses().isEmpty()) {
            error("uses", "is missing: the rule names no resource; write [] if such runs cost nothing");
        }
        rule.sharedBy()
                .filter(shared -> !SHARED_BY.matcher(shared).matches())
                .ifPresent(shared ->
                        error("shared_by", Quoted.shown(shared) + " is not allowed; allowed: tag:NAME or param:NAME"));
    }

    private void use(Use use) {
        if (use.gpus().isPresent() && use.gpuModel().isEmpty()) {
            error("gpu_model", "is missing: gpus is given, and the model decides the rate");
        }
        if (use.gpuModel().isPresent() && use.gpus().isEmpty()) {
            error("gpu_model", "is given without gpus");
        }
        use.gpuModel()
                .filter(model -> model.equals("tag:") || model.equals("param:"))
                .ifPresent(model -> error("gpu_model", Quoted.shown(model) + " lacks the name after the colon"));
    }

    private void conversion(Conversion conversion) {
        if (conversion.from().equals(conversion.to())) {
            error("to", "is " + conversion.to() + ", as is from; a currency needs no conversion to itself");
        }
    }

    private void overhead(Overhead overhead) {
        exactlyOne(Map.of(
                "monthly",
                overhead.monthly(),
                "once",
                overhead.once(),
                "gb with per_gb_month",
                overhead.gb().isPresent() ? overhead.gb() : overhead.perGbMonth()));
        if (overhead.gb().isPresent() != overhead.perGbMonth().isPresent()) {
            error(
                    overhead.gb().isPresent() ? "gb" : "per_gb_month",
                    "is given without " + (overhead.gb().isPresent() ? "per_gb_month" : "gb"));
        }
        if (overhead.once().isPresent() && overhead.validFrom().isEmpty()) {
            error("once", "is given without valid_from, the day from which it counts");
        }
    }

    private void exactlyOne(Map<String, Optional<?>> choices) {
        String all = choices.keySet().stream().sorted().collect(Collectors.joining(", "));
        String given = choices.entrySet().stream()
                .filter(choice -> choice.getValue().isPresent())
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.joining(" and "));
        if (given.isEmpty()) {
            error("", "has no amount; give exactly one of: " + all);
        } else if (given.contains(" and ")) {
            error("", "has " + given + "; give exactly one of: " + all);
        }
    }

    /** Names become label values, parts of a resource are joined to it with a slash. */
    private void name(String key, String name, String what) {
        if (name.equals("_other")) {
            error(key, "_other is what the series budget sums up; choose another name");
        } else if (!NAME.matcher(name).matches()) {
            error(
                    key,
                    Quoted.shown(name) + " cannot be " + what + "; allowed: up to 64 letters, digits, blanks and"
                            + " . _ : + @ ( ) -, the first a letter or a digit");
        }
    }

    private void error(String key, String message) {
        problems.error(origins.apply(key), key.isEmpty() ? path : path + "." + key, message);
    }
}

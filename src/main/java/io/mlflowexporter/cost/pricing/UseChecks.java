package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.Resource.Rates;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.Suggestions;
import io.mlflowexporter.settings.value.Quoted;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What must hold between the rules and the resources they name. */
final class UseChecks {
    private final PricingBinder bound;
    private final Problems problems;
    private final Map<String, Resource> resources;
    private final Set<String> used = new HashSet<>();

    private UseChecks(PricingBinder bound, Problems problems) {
        this.bound = bound;
        this.problems = problems;
        this.resources = bound.book().resources().stream()
                .collect(Collectors.toMap(Resource::name, Function.identity(), (first, second) -> first));
    }

    static void check(PricingBinder bound, Problems problems) {
        UseChecks checks = new UseChecks(bound, problems);
        PricingFile book = bound.book();
        for (UsageRule rule : book.rules()) {
            List<Use> uses = rule.uses().orElse(List.of());
            for (int i = 0; i < uses.size(); i++) {
                checks.use(uses.get(i), bound.path(rule) + ".uses[" + i + "]");
            }
        }
        book.defaultUses().forEach(use -> checks.use(use, bound.path(use)));
        // Runs may name any resource themselves where they are trusted to.
        if (!book.trustRunHints() && bound.sound("rules") && bound.sound("default_uses")) {
            checks.unused();
        }
    }

    private void unused() {
        if (used.isEmpty() && !resources.isEmpty()) {
            problems.warning(
                    bound.origin("resources"), "resources", "no rule and no default use names any: nothing is priced");
            return;
        }
        for (Resource resource : resources.values()) {
            if (!used.contains(resource.name())) {
                problems.warning(
                        PricingBinder.origin(resource.place()),
                        bound.path(resource),
                        Quoted.shown(resource.name()) + " is used by no rule and no default use");
            }
        }
    }

    private void use(Use use, String path) {
        used.add(use.resource());
        if (!bound.resourceNames().contains(use.resource())) {
            error(
                    use,
                    path + ".resource",
                    "there is no resource " + Quoted.shown(use.resource())
                            + Suggestions.nearest(use.resource(), bound.resourceNames())
                                    .map(nearest -> "; did you mean " + Quoted.shown(nearest) + "?")
                                    .orElse(""));
            return;
        }
        Resource resource = resources.get(use.resource());
        if (resource == null) {
            return;
        }
        List<Rates> rates = resource.prices().stream()
                .flatMap(price -> price.rates().stream())
                .toList();
        if (rates.isEmpty()) {
            whole(use, path);
        } else {
            parts(use, path, rates);
        }
    }

    private void whole(Use use, String path) {
        Map<String, Optional<?>> parts =
                Map.of("vcpus", use.vcpus(), "memory_gib", use.memoryGib(), "gpus", use.gpus());
        parts.entrySet().stream()
                .filter(part -> part.getValue().isPresent())
                .map(Map.Entry::getKey)
                .sorted()
                .forEach(key -> error(
                        use,
                        path + "." + key,
                        Quoted.shown(use.resource()) + " is not priced by rates, so that only its count matters"));
    }

    private void parts(Use use, String path, List<Rates> rates) {
        boolean vcpu = rates.stream().anyMatch(rate -> rate.vcpu().isPresent());
        boolean gib = rates.stream().anyMatch(rate -> rate.gib().isPresent());
        Set<String> models =
                rates.stream().flatMap(rate -> rate.gpu().keySet().stream()).collect(Collectors.toSet());
        part(use, path, "vcpus", use.vcpus(), vcpu);
        part(use, path, "memory_gib", use.memoryGib(), gib);
        // A machine may well have no GPU, but one of which nothing else is priced must have some.
        if (use.gpus().isPresent() || (!vcpu && !gib)) {
            part(use, path, "gpus", use.gpus(), !models.isEmpty());
        }
        Optional<String> model = use.gpuModel().filter(name -> !isReference(name));
        if (model.isPresent() && !models.isEmpty() && !models.contains(model.get())) {
            error(
                    use,
                    path + ".gpu_model",
                    Quoted.shown(use.resource()) + " has no rate for a GPU " + Quoted.shown(model.get())
                            + Suggestions.nearest(model.get(), models)
                                    .map(nearest -> "; did you mean " + Quoted.shown(nearest) + "?")
                                    .orElse("; it has "
                                            + models.stream().sorted().collect(Collectors.joining(", "))));
        }
    }

    private void part(Use use, String path, String key, Optional<Quantity> given, boolean priced) {
        if (given.isPresent() && !priced) {
            error(use, path + "." + key, Quoted.shown(use.resource()) + " has no rate for them");
        } else if (given.isEmpty() && priced) {
            error(
                    use,
                    path + "." + key,
                    "is missing: " + Quoted.shown(use.resource()) + " has a rate for them; write 0 for none");
        }
    }

    /** Whether a GPU's model stands on the run and not here. */
    static boolean isReference(String model) {
        return model.startsWith("tag:") || model.startsWith("param:");
    }

    private void error(Use use, String path, String message) {
        problems.error(PricingBinder.origin(use.place()), path, message);
    }
}

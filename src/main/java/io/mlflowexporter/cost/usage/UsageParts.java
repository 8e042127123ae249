package io.mlflowexporter.cost.usage;

import io.mlflowexporter.catalog.RunNotes;
import io.mlflowexporter.cost.pricing.Quantity;
import io.mlflowexporter.cost.pricing.Resource;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.pricing.Use;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns what a rule says was used into units and how much of each. */
final class UsageParts {
    private final Map<String, Resource> resources;
    private final Map<String, Tariff> tariffs;

    UsageParts(Map<String, Resource> resources, Map<String, Tariff> tariffs) {
        this.resources = resources;
        this.tariffs = tariffs;
    }

    static boolean pricedByRates(Resource resource) {
        return resource.prices().stream().anyMatch(price -> price.rates().isPresent());
    }

    /** Whether a text names a tag or param to look at. */
    static boolean named(String text, Quantity.Source source) {
        return text.startsWith(source == Quantity.Source.TAG ? "tag:" : "param:");
    }

    /** The name in {@code tag:NAME} or {@code param:NAME}. */
    static String name(String reference) {
        return reference.substring(reference.indexOf(':') + 1);
    }

    /** What a run tells under {@code tag:NAME} or {@code param:NAME}; empty where it tells nothing. */
    static Optional<String> value(String reference, RunNotes notes) {
        Map<String, String> values = named(reference, Quantity.Source.TAG) ? notes.tags() : notes.params();
        return Optional.ofNullable(values.get(name(reference)));
    }

    RunUsage of(List<Use> uses, RunNotes notes, boolean distributedChildren, String sharedBy, int rule) {
        List<UsagePart> parts = new ArrayList<>();
        Reading reading = new Reading(notes);
        for (Use use : uses) {
            add(use, reading, parts);
        }
        return reading.missing
                ? new RunUsage(false, List.of(), distributedChildren, reading.unreadable, rule, sharedBy, List.of())
                : new RunUsage(true, parts, distributedChildren, false, rule, sharedBy, List.of());
    }

    private void add(Use use, Reading reading, List<UsagePart> parts) {
        Resource resource = resources.get(use.resource());
        if (resource == null) {
            reading.missing = true;
            return;
        }
        double count = reading.quantity(use.count());
        double watts = resource.watts().map(BigDecimal::doubleValue).orElse(Double.NaN) * count;
        double gpuWatts = resource.gpuWatts().map(BigDecimal::doubleValue).orElse(Double.NaN) * count;
        if (!pricedByRates(resource)) {
            parts.add(new UsagePart(tariff(resource.name()), count, watts, gpuWatts));
            return;
        }
        // The machine's power is said once, with its first part.
        List<UsagePart> made = new ArrayList<>();
        use.vcpus().ifPresent(n -> made.add(part(resource.name() + "/vcpu", count * reading.quantity(n))));
        use.memoryGib().ifPresent(n -> made.add(part(resource.name() + "/gib", count * reading.quantity(n))));
        if (use.gpus().isPresent()) {
            double gpus = count * reading.quantity(use.gpus().get());
            if (gpus > 0) {
                made.add(part(
                        resource.name() + "/gpu:" + reading.text(use.gpuModel().orElse("")), gpus));
            }
        }
        if (!made.isEmpty()) {
            UsagePart first = made.get(0);
            made.set(0, new UsagePart(first.tariff(), first.quantity(), watts, gpuWatts));
        }
        parts.addAll(made);
    }

    private UsagePart part(String unit, double quantity) {
        return new UsagePart(tariff(unit), quantity, Double.NaN, Double.NaN);
    }

    /** A unit nobody priced has a tariff without pieces: its time is unpriced. */
    private Tariff tariff(String unit) {
        return tariffs.getOrDefault(unit, new Tariff(unit, List.of()));
    }

    /** Reads what a run tells of itself. */
    private static final class Reading {
        private final RunNotes notes;
        private boolean missing;
        private boolean unreadable;

        Reading(RunNotes notes) {
            this.notes = notes;
        }

        private Optional<String> value(Quantity.Source source, String name) {
            Map<String, String> values = source == Quantity.Source.TAG ? notes.tags() : notes.params();
            return Optional.ofNullable(values.get(name));
        }

        double quantity(Quantity quantity) {
            Optional<String> told =
                    quantity.name().isEmpty() ? Optional.empty() : value(quantity.source(), quantity.name());
            Optional<BigDecimal> number = told.isPresent() ? told.flatMap(Quantity::number) : quantity.number();
            if (number.isEmpty()) {
                missing = true;
                unreadable |= told.isPresent();
            }
            return number.map(BigDecimal::doubleValue).orElse(0.0);
        }

        String text(String textOrName) {
            for (Quantity.Source source : List.of(Quantity.Source.TAG, Quantity.Source.PARAM)) {
                if (named(textOrName, source)) {
                    Optional<String> told = UsageParts.value(textOrName, notes);
                    missing |= told.isEmpty();
                    return told.orElse("");
                }
            }
            return textOrName;
        }
    }
}

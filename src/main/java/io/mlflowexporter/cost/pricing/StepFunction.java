package io.mlflowexporter.cost.pricing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A number over time that changes in steps and may have gaps.
 *
 * @param steps in order of time, not overlapping
 */
public record StepFunction(List<Step> steps) {
    /** Nowhere defined. */
    public static final StepFunction NONE = new StepFunction(List.of());

    /** A number from one Unix millisecond to another, the latter exclusive; both may be the extremes of a long. */
    public record Step(long fromMillis, long untilMillis, double value) {}

    public StepFunction {
        steps = steps.stream()
                .sorted(Comparator.comparingLong(Step::fromMillis))
                .toList();
        for (int i = 1; i < steps.size(); i++) {
            if (steps.get(i).fromMillis() < steps.get(i - 1).untilMillis()) {
                throw new IllegalArgumentException("steps overlap");
            }
        }
    }

    /** The same number at all times. */
    public static StepFunction always(double value) {
        return new StepFunction(List.of(new Step(Long.MIN_VALUE, Long.MAX_VALUE, value)));
    }

    public OptionalDouble at(long millis) {
        return steps.stream()
                .filter(step -> step.fromMillis() <= millis && millis < step.untilMillis())
                .mapToDouble(Step::value)
                .findFirst();
    }

    /** The steps inside a time, cut to it. */
    public List<Step> within(long fromMillis, long untilMillis) {
        List<Step> inside = new ArrayList<>();
        for (Step step : steps) {
            long from = Math.max(fromMillis, step.fromMillis());
            long until = Math.min(untilMillis, step.untilMillis());
            if (from < until) {
                inside.add(new Step(from, until, step.value()));
            }
        }
        return inside;
    }
}

package io.mlflowexporter.cost.usage;

import java.util.List;

/**
 * What a run used.
 *
 * @param known false where no rule says, or the rule needs a number that the run does not tell: its time is unpriced
 * @param parts empty where a rule says that nothing was used
 * @param distributedChildren whether its children had machines of their own
 * @param unreadable whether a tag or param that should be a quantity is none
 * @param rule the rule's position from 0, -1 for the default, the run's own hint or none
 * @param sharedBy what the runs that use one machine together have in common, {@code tag:NAME} or {@code param:NAME};
 *     empty where each has its own
 * @param budgets positions from 0 of the budgets the run is spent from
 */
public record RunUsage(
        boolean known,
        List<UsagePart> parts,
        boolean distributedChildren,
        boolean unreadable,
        int rule,
        String sharedBy,
        List<Integer> budgets) {
    public RunUsage {
        parts = List.copyOf(parts);
        budgets = List.copyOf(budgets);
    }

    /** Whether it used anything that may need a price. */
    public boolean usesAny() {
        return parts.stream().anyMatch(part -> part.quantity() != 0);
    }

    RunUsage spentFrom(List<Integer> positions) {
        return new RunUsage(known, parts, distributedChildren, unreadable, rule, sharedBy, positions);
    }
}

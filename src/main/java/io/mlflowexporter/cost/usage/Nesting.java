package io.mlflowexporter.cost.usage;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.RunTable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * Which runs' own time costs and not that of a run they are nested in; and which runs are to be looked at again, as
 * something changed about one that they are nested in.
 */
public final class Nesting {
    private static final int DEEPEST = 100;
    private static final int NO_ROW = -1;

    /** What the runs nested in a run depend on. */
    private record Parent(boolean counted, boolean begun, boolean distributedChildren, String parentId) {}

    private final RunTable runs;
    private final IntPredicate distributedChildren;
    /** Row of the parent plus one, 0 where none was found yet. */
    private int[] parents = {};
    /** Rows that others are nested in. */
    private final BitSet asked = new BitSet();
    /** Of those that changed, how they were. */
    private final Map<Integer, Parent> before = new HashMap<>();
    /** Ids of parents that were never met. */
    private final Set<String> missing = new HashSet<>();

    private int known;

    /** @param distributedChildren whether the rule of a run's row says that its children have machines of their own */
    public Nesting(RunTable runs, IntPredicate distributedChildren) {
        this.runs = runs;
        this.distributedChildren = distributedChildren;
    }

    /**
     * Whether the run's own time costs: it is nested in no run that is known and has a clock, or the rule of the nearest
     * such run says that children have machines of their own, or its parents go round in a circle or too deep.
     */
    public boolean ownClock(int row) {
        boolean inherited = false;
        int ancestor = parent(row);
        for (int depth = 0; ancestor != NO_ROW; depth++) {
            if (ancestor == row || depth == DEEPEST) {
                return true;
            }
            if (!inherited) {
                if (distributedChildren.test(ancestor)) {
                    return true;
                }
                inherited = BillableTime.begun(runs, ancestor);
            }
            ancestor = parent(ancestor);
        }
        return !inherited;
    }

    /** The row of the run it is nested in, or {@link #NO_ROW} where that is not known or not counted. */
    private int parent(int row) {
        String id = runs.parentId(row);
        if (id.isEmpty()) {
            return NO_ROW;
        }
        if (row >= parents.length) {
            parents = Arrays.copyOf(parents, runs.size() + runs.size() / 4);
        }
        // Rows never change, so that only ids have to be compared once a parent was found.
        int found = parents[row] - 1;
        int parent = found >= 0 && runs.is(found, id) ? found : runs.row(id).orElse(NO_ROW);
        parents[row] = parent + 1;
        if (parent == NO_ROW) {
            missing.add(id);
            return NO_ROW;
        }
        asked.set(parent);
        return runs.counted(parent) ? parent : NO_ROW;
    }

    private Parent now(int row) {
        return new Parent(
                runs.counted(row), BillableTime.begun(runs, row), distributedChildren.test(row), runs.parentId(row));
    }

    /** A row is about to change. */
    public void changing(int row) {
        if (asked.get(row)) {
            before.computeIfAbsent(row, this::now);
        }
    }

    /**
     * Names the rows that are nested, at whatever depth, in one that has changed since the last time.
     *
     * @return whether those are all; otherwise every row is to be looked at again
     */
    public boolean changed(IntConsumer nested) {
        boolean found = false;
        for (; known < runs.size(); known++) {
            found |= !missing.isEmpty() && missing.contains(runs.id(known));
        }
        BitSet changed = new BitSet();
        before.forEach((row, parent) -> changed.set(row, !parent.equals(now(row))));
        before.clear();
        if (found || changed.isEmpty()) {
            return !found;
        }
        for (int size = 0; changed.cardinality() > size; ) {
            size = changed.cardinality();
            for (int row = 0; row < Math.min(parents.length, runs.size()); row++) {
                if (parents[row] != 0 && changed.get(parents[row] - 1) && !changed.get(row)) {
                    changed.set(row);
                    nested.accept(row);
                }
            }
        }
        return true;
    }
}

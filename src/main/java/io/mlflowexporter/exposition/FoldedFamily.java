package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.Family;

/**
 * A family within its budget: label values are clean, no two samples have equal labels.
 *
 * @param dropped series that were merged into {@code _other} or left out
 */
record FoldedFamily(Family family, int dropped) {
    FamilySeries series() {
        return new FamilySeries(family.declaration().name(), family.samples().size(), dropped);
    }
}

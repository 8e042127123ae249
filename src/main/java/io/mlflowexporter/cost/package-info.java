/**
 * What runs cost: the ledger, windows, counters and coverage.
 */
@NullMarked
package io.mlflowexporter.cost;

import org.jspecify.annotations.NullMarked;

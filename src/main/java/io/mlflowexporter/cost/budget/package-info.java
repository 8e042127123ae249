/**
 * Budgets, forecasts and what is spent beside compute.
 */
@NullMarked
package io.mlflowexporter.cost.budget;

import org.jspecify.annotations.NullMarked;

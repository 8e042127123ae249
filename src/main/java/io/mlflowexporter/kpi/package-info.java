/**
 * KPI definitions, values, targets, and durations of steps.
 */
@NullMarked
package io.mlflowexporter.kpi;

import org.jspecify.annotations.NullMarked;

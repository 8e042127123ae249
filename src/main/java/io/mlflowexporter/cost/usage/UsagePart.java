package io.mlflowexporter.cost.usage;

import io.mlflowexporter.cost.pricing.Tariff;

/**
 * How much of one unit a run used.
 *
 * @param quantity not negative
 * @param watts all of it together draws, without GPUs; NaN where nobody said
 * @param gpuWatts its GPUs together draw; NaN where nobody said
 */
public record UsagePart(Tariff tariff, double quantity, double watts, double gpuWatts) {}

package io.mlflowexporter.cost;

/**
 * How much of one unit a run used.
 *
 * @param quantity not negative
 * @param watts all of it together draws, without GPUs; NaN where nobody said
 * @param gpuWatts its GPUs together draw; NaN where nobody said
 */
record Part(Tariff tariff, double quantity, double watts, double gpuWatts) {}

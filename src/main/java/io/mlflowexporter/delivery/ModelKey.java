package io.mlflowexporter.delivery;

/** A registered model. */
record ModelKey(String workspace, String model) {}

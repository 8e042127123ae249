/**
 * Writes the families of times before the first scrape, from MLflow's own timestamps.
 */
@NullMarked
package io.mlflowexporter.backfill;

import org.jspecify.annotations.NullMarked;

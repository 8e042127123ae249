/**
 * Storage for the table of runs: columns of numbers, texts and ids, and how they are written to a checkpoint.
 */
@NullMarked
package io.mlflowexporter.catalog.columns;

import org.jspecify.annotations.NullMarked;

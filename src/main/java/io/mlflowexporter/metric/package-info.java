/**
 * The vocabulary of metrics: families and their declarations, samples, label text, windows, histograms and exact
 * sums. Uses {@code checkpoint.fields} only, to be kept in a checkpoint.
 */
@NullMarked
package io.mlflowexporter.metric;

import org.jspecify.annotations.NullMarked;

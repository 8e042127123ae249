/**
 * Families about experiments and runs.
 */
@NullMarked
package io.mlflowexporter.runs;

import org.jspecify.annotations.NullMarked;

/**
 * Turns families into bytes in every format, within the series budget. Knows nothing of MLflow.
 */
@NullMarked
package io.mlflowexporter.exposition;

import org.jspecify.annotations.NullMarked;

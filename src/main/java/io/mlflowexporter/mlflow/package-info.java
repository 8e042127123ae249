/**
 * What the exporter reads of MLflow: the records and {@code MlflowSource}, the one interface they come through.
 */
@NullMarked
package io.mlflowexporter.mlflow;

import org.jspecify.annotations.NullMarked;

/**
 * The settings that say where MLflow is and how to connect to it.
 */
@NullMarked
package io.mlflowexporter.mlflow.connection;

import org.jspecify.annotations.NullMarked;

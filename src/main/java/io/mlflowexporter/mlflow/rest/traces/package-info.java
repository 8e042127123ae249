/** Reads LLM traces, and the server's hourly sums over them, from MLflow's REST API. */
@NullMarked
package io.mlflowexporter.mlflow.rest.traces;

import org.jspecify.annotations.NullMarked;

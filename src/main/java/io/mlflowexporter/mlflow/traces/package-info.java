/**
 * LLM traces as the exporter reads them: records without any text that users wrote, and the interface they come through.
 * {@code mlflow.rest.traces} implements it. May use {@code mlflow}.
 */
@NullMarked
package io.mlflowexporter.mlflow.traces;

import org.jspecify.annotations.NullMarked;

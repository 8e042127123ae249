/**
 * MLflow 3's objects besides runs, registered models and traces, as far as they are counted: prompts, logged models, evaluation
 * datasets, scorers and the budgets of MLflow's gateway. Values, and the interface that reads them.
 */
@NullMarked
package io.mlflowexporter.mlflow.objects;

import org.jspecify.annotations.NullMarked;

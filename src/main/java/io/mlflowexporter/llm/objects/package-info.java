/**
 * Families about MLflow 3's objects besides runs, registered models and traces: prompts, logged models, evaluation datasets,
 * scorers and the budgets of MLflow's gateway.
 */
@NullMarked
package io.mlflowexporter.llm.objects;

import org.jspecify.annotations.NullMarked;

/**
 * The client of MLflow's REST API: pages, parsing and what differs between servers.
 */
@NullMarked
package io.mlflowexporter.mlflow.rest;

import org.jspecify.annotations.NullMarked;

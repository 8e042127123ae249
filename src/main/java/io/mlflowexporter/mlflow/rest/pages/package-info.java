/**
 * Lists of MLflow's REST API: requests them page by page and parses a page while it is unpacked. Knows no kind of object.
 */
@NullMarked
package io.mlflowexporter.mlflow.rest.pages;

import org.jspecify.annotations.NullMarked;

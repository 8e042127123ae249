/**
 * Requests and whole answers within limits of time and size: retries, rates, bodies, errors.
 */
@NullMarked
package io.mlflowexporter.mlflow.rest.transport;

import org.jspecify.annotations.NullMarked;

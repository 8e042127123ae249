/**
 * A simulated MLflow server, for the demo and for tests. Only {@code cli} and tests use it.
 */
@NullMarked
package io.mlflowexporter.demo;

import org.jspecify.annotations.NullMarked;

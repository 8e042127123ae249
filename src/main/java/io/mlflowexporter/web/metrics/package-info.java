/**
 * The listener for Prometheus.
 */
@NullMarked
package io.mlflowexporter.web.metrics;

import org.jspecify.annotations.NullMarked;

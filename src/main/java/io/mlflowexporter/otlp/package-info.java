/**
 * Pushes families to an OpenTelemetry receiver.
 */
@NullMarked
package io.mlflowexporter.otlp;

import org.jspecify.annotations.NullMarked;

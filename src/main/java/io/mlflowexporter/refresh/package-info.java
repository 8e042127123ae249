/**
 * The loop: read, compute, publish, write the checkpoint; and the exporter's status.
 */
@NullMarked
package io.mlflowexporter.refresh;

import org.jspecify.annotations.NullMarked;

/**
 * The commands, and where the service is put together.
 */
@NullMarked
package io.mlflowexporter.cli;

import org.jspecify.annotations.NullMarked;

/**
 * The log's formats and destination.
 */
@NullMarked
package io.mlflowexporter.cli.log;

import org.jspecify.annotations.NullMarked;

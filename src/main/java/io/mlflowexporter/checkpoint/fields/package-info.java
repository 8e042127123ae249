/**
 * Named fields, the codec of every section of a checkpoint.
 */
@NullMarked
package io.mlflowexporter.checkpoint.fields;

import org.jspecify.annotations.NullMarked;

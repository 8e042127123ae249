/**
 * Turns the catalog, the engines and a reading of the clock into families.
 */
@NullMarked
package io.mlflowexporter.pipeline;

import org.jspecify.annotations.NullMarked;

/**
 * Keeps the catalog up to date: reads incrementally what is new and rereads what may have changed.
 */
@NullMarked
package io.mlflowexporter.catalog.sync;

import org.jspecify.annotations.NullMarked;

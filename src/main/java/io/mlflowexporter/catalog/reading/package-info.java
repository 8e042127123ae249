/**
 * How far the catalog has been read, what is read again when, and what of the runs is kept. Written with the catalog.
 */
@NullMarked
package io.mlflowexporter.catalog.reading;

import org.jspecify.annotations.NullMarked;

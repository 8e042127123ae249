/**
 * Compressed parts of a response that are put together without compressing them again.
 */
@NullMarked
package io.mlflowexporter.exposition.gzip;

import org.jspecify.annotations.NullMarked;

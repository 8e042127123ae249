/**
 * The pricing file, its checks, and the prices it gives over time.
 */
@NullMarked
package io.mlflowexporter.cost.pricing;

import org.jspecify.annotations.NullMarked;

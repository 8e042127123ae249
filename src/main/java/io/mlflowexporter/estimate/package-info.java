/**
 * Answers what something would cost, from prices and from history.
 */
@NullMarked
package io.mlflowexporter.estimate;

import org.jspecify.annotations.NullMarked;

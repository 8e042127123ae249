/**
 * What each run uses and for how long: rules, nesting, shared machines.
 */
@NullMarked
package io.mlflowexporter.cost.usage;

import org.jspecify.annotations.NullMarked;

/**
 * Families about models and versions; the journal of alias moves, deployments, rollbacks and lead times.
 */
@NullMarked
package io.mlflowexporter.registry;

import org.jspecify.annotations.NullMarked;

/**
 * What the simulated server holds, and how it is searched.
 */
@NullMarked
package io.mlflowexporter.demo.store;

import org.jspecify.annotations.NullMarked;

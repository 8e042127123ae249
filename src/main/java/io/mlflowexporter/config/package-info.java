/**
 * The whole configuration: one record of every subject's settings, how it is loaded, and the checks between
 * subjects.
 */
@NullMarked
package io.mlflowexporter.config;

import org.jspecify.annotations.NullMarked;

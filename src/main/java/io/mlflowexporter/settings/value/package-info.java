/**
 * Types of single values, such as durations and patterns, and how they are read and written.
 */
@NullMarked
package io.mlflowexporter.settings.value;

import org.jspecify.annotations.NullMarked;

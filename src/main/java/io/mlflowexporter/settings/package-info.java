/**
 * The engine that binds YAML, environment and flags to records and reports every problem with its file and line.
 * It knows no subject's settings by name.
 */
@NullMarked
package io.mlflowexporter.settings;

import org.jspecify.annotations.NullMarked;

/**
 * Files that are read again while the exporter runs: looked at when they are used, and all at once when somebody asks for it.
 * What cannot be used leaves what was read before in force.
 */
@NullMarked
package io.mlflowexporter.reload;

import org.jspecify.annotations.NullMarked;

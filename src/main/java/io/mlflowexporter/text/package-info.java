/**
 * Texts that anybody may have written, made safe for where they are shown: on one line, and in spreadsheets.
 */
@NullMarked
package io.mlflowexporter.text;

import org.jspecify.annotations.NullMarked;

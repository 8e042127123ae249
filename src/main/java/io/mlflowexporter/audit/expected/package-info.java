/**
 * Series and values as an audit expects them.
 */
@NullMarked
package io.mlflowexporter.audit.expected;

import org.jspecify.annotations.NullMarked;

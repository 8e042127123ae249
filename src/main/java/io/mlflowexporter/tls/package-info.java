/**
 * Certificates and keys from files that are reread when they change.
 */
@NullMarked
package io.mlflowexporter.tls;

import org.jspecify.annotations.NullMarked;

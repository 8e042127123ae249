/**
 * Recomputes what an exporter serves, by another way than the exporter's. Shares nothing with it but the user's
 * settings.
 */
@NullMarked
package io.mlflowexporter.audit;

import org.jspecify.annotations.NullMarked;

/**
 * Everything known of MLflow, compact: experiments, models, versions and the table of runs. Belongs to the
 * refresh thread.
 */
@NullMarked
package io.mlflowexporter.catalog;

import org.jspecify.annotations.NullMarked;

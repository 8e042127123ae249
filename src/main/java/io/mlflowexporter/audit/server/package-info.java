/**
 * What an audit reads of MLflow, through MLflow's own messages.
 */
@NullMarked
package io.mlflowexporter.audit.server;

import org.jspecify.annotations.NullMarked;

/**
 * What each kind of server can and cannot do, as far as its address and its answers show.
 */
@NullMarked
package io.mlflowexporter.mlflow.rest.hosts;

import org.jspecify.annotations.NullMarked;

/**
 * The simulated server's REST API.
 */
@NullMarked
package io.mlflowexporter.demo.api;

import org.jspecify.annotations.NullMarked;

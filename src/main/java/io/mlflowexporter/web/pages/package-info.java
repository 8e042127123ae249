/**
 * The listener for people and probes: pages, health checks and the JSON API.
 */
@NullMarked
package io.mlflowexporter.web.pages;

import org.jspecify.annotations.NullMarked;

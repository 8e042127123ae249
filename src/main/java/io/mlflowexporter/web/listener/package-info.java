/**
 * What both listeners share: Jetty within limits that hold before a client is known.
 */
@NullMarked
package io.mlflowexporter.web.listener;

import org.jspecify.annotations.NullMarked;

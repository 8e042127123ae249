/**
 * Who may use the listeners: the web configuration file, TLS, users, limits.
 */
@NullMarked
package io.mlflowexporter.web.access;

import org.jspecify.annotations.NullMarked;

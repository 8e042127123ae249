/** Asks other programs over HTTP within limits of time and size. Imports no other package of this project. */
@NullMarked
package io.mlflowexporter.http;

import org.jspecify.annotations.NullMarked;

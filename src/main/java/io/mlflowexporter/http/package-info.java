/** Asks other programs over HTTP within limits of time and size. Imports no other package of this project. */
package io.mlflowexporter.http;

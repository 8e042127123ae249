package io.mlflowexporter.web.pages;

/**
 * A setting as anyone may see it.
 *
 * @param value masked where it is secret
 * @param source where the value came from
 */
public record ConfigLine(String key, String value, String source) {}

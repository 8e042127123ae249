package io.mlflowexporter.exposition;

/**
 * How many series a family has.
 *
 * @param series published now, a histogram's series counted as one
 * @param dropped folded into {@code _other} or left out, because the family is over its budget
 */
public record FamilySeries(String family, int series, int dropped) {}

/**
 * LLM traces: tokens, spend, latency, errors and feedback. {@code llm.sync} reads them, {@code llm.sums} holds them, and this package
 * turns them into families. May use {@code cost} and all that {@code cost} may use.
 */
package io.mlflowexporter.llm;

/**
 * Keeps the sums of LLM traces up to date: reads what ended since the last refresh, reads a bounded past again hour by hour, and
 * reads experiments with very many traces from the server's own sums. May use {@code llm.sums}, {@code cost} and {@code mlflow}.
 */
package io.mlflowexporter.llm.sync;

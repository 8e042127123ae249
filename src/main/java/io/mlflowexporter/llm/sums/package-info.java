/**
 * What is known of LLM traces: sums by experiment and hour, and counters that never go down. No row per trace is kept. May use
 * {@code checkpoint}, {@code indicators} and {@code mlflow}.
 */
package io.mlflowexporter.llm.sums;

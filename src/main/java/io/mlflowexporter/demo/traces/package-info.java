/**
 * LLM traces of the simulated server: those of a support agent, which are computed from their number whenever somebody looks, and
 * those that clients wrote.
 */
@NullMarked
package io.mlflowexporter.demo.traces;

import org.jspecify.annotations.NullMarked;

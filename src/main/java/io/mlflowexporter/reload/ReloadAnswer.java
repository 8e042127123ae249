package io.mlflowexporter.reload;

/**
 * What came of a reload.
 *
 * @param done whether what was read is in force
 * @param text for the one who asked; on failure every problem, a line each
 */
public record ReloadAnswer(boolean done, String text) {}

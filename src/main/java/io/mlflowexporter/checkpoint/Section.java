package io.mlflowexporter.checkpoint;

import java.io.DataOutput;
import java.io.IOException;

/** Writes a section's content. */
@FunctionalInterface
public interface Section {
    /** Writes it all; called on the thread that writes the checkpoint. */
    void write(DataOutput out) throws IOException;
}

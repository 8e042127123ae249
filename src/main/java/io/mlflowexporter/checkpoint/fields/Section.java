package io.mlflowexporter.checkpoint.fields;

import java.io.IOException;

/** Writes the fields of a section, or of an object in one. */
@FunctionalInterface
public interface Section {
    /** Writes them all; called on the thread that writes the checkpoint. */
    void write(FieldWriter out) throws IOException;
}

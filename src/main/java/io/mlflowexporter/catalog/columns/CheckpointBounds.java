package io.mlflowexporter.catalog.columns;

import java.io.IOException;

/** Doubts about what a checkpoint says. */
public final class CheckpointBounds {
    private CheckpointBounds() {}

    /** A number that stands for one of so many things. */
    public static int index(int number, int bound) throws IOException {
        if (number < 0 || number >= bound) {
            throw new IOException("a number is out of range");
        }
        return number;
    }
}

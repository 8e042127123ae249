package io.mlflowexporter.catalog;

import java.io.IOException;

/** Doubts about what a checkpoint says. */
final class Bounds {
    private Bounds() {}

    /** A number that stands for one of so many things. */
    static int index(int number, int bound) throws IOException {
        if (number < 0 || number >= bound) {
            throw new IOException("a number is out of range");
        }
        return number;
    }
}

package io.mlflowexporter.settings;

/**
 * Where an element of a file stands, for messages about it. As a component of a section's record it is filled in by the
 * reader and is no setting.
 *
 * @param file as the user named it
 * @param line from 1
 */
public record Place(String file, int line) {
    @Override
    public String toString() {
        return file + ":" + line;
    }
}

package io.mlflowexporter.settings;

import java.util.function.Function;

/** An element of a list in a file that has more to hold than each of its settings by itself. */
public interface CheckedElement {
    /** Says what is wrong with it. */
    void check(Complaints complaints);

    /**
     * Takes what is wrong with one element.
     *
     * @param path of the element
     * @param origins where a key of it stands, and for any other text the element itself
     */
    record Complaints(String path, Function<String, Origin> origins, Problems problems) {
        /**
         * Adds something.
         *
         * @param key the setting; empty for the element itself
         */
        public void error(String key, String message) {
            problems.error(origins.apply(key), key.isEmpty() ? path : path + "." + key, message);
        }
    }
}

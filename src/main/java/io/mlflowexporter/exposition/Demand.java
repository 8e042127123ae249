package io.mlflowexporter.exposition;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which variants are scraped, so that the refresh thread makes those of the next exposition and scrapes need not. Only
 * these take time and memory.
 */
final class Demand {
    /** Renderings a variant is made for after it was last asked for; scrapes may be rarer than refreshes. */
    private static final int REMEMBERED = 10;

    private final Map<Variant, Integer> lastAsked = new ConcurrentHashMap<>();
    private volatile int rendering;

    /** Called by scrapes. */
    void ask(Variant variant) {
        lastAsked.put(variant, rendering);
    }

    /** Called by the refresh thread for each rendering. */
    List<Variant> next() {
        int now = rendering + 1;
        rendering = now;
        lastAsked.values().removeIf(asked -> now - asked > REMEMBERED);
        return List.copyOf(lastAsked.keySet());
    }
}

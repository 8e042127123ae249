package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.settings.value.Glob;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Whether a metric is asked for by its name. Remembers the answers, as runs log the same names again and again.
 * Safe for use by several threads: pages are parsed at the same time.
 */
public final class NamedMetrics implements Predicate<String> {
    /** Names come from whoever may start a run: past so many the answers are no longer kept. */
    private static final int REMEMBERED = 10_000;

    private final Set<Glob> patterns;
    private final Map<String, Boolean> known = new ConcurrentHashMap<>();

    public NamedMetrics(Set<Glob> patterns) {
        this.patterns = patterns;
    }

    @Override
    public boolean test(String name) {
        Boolean answer = known.get(name);
        if (answer == null) {
            answer = patterns.stream().anyMatch(glob -> glob.matches(name));
            if (known.size() < REMEMBERED) {
                known.put(name, answer);
            }
        }
        return answer;
    }
}

package io.mlflowexporter.audit;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Time up to now that is looked back on, of one length at all times. */
final class Windows {
    private Windows() {}

    /** Since when, by the name of each. */
    static Map<String, Long> since(long nowMillis) {
        Map<String, Long> since = new LinkedHashMap<>();
        for (int days : new int[] {1, 7, 30}) {
            since.put(days + "d", nowMillis - Duration.ofDays(days).toMillis());
        }
        return since;
    }
}

package io.mlflowexporter.audit.expected;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Time up to now that is looked back on, of one length at all times. */
public final class AuditWindows {
    private AuditWindows() {}

    /** Since when, by the name of each. */
    public static Map<String, Long> since(long nowMillis) {
        Map<String, Long> since = new LinkedHashMap<>();
        for (int days : new int[] {1, 7, 30}) {
            since.put(days + "d", nowMillis - Duration.ofDays(days).toMillis());
        }
        return since;
    }
}

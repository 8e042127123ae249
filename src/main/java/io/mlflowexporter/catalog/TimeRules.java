package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.sync.RefreshConfig;
import java.time.Duration;

/**
 * The settings that {@link BillableTime} is computed with.
 *
 * @param staleAfterMillis {@code refresh.stale_after}
 * @param longestRunMillis {@code cost.longest_run}
 * @param inHindsight whether active runs count as stale from their last activity on, as {@link HistoricalView#inHindsight} wants
 *     it: which of them are is known then
 */
public record TimeRules(long staleAfterMillis, long longestRunMillis, boolean inHindsight) {
    /** The rules that the settings give. */
    public static TimeRules of(RefreshConfig refresh, Duration longestRun) {
        return new TimeRules(refresh.staleAfter().toMillis(), longestRun.toMillis(), false);
    }

    /** The same rules for a catalog that was taken back to an earlier time. */
    public TimeRules hindsight() {
        return new TimeRules(staleAfterMillis, longestRunMillis, true);
    }

    /** For how long an active run may show no activity before it is stale. */
    long patienceMillis() {
        return inHindsight ? 0 : staleAfterMillis;
    }
}

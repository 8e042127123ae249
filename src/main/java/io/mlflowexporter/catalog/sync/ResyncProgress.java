package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.reading.ResyncState;
import io.mlflowexporter.metric.Times;
import java.time.Duration;

/**
 * How far known runs have been read again.
 *
 * @param ratio runs read since the round began, of all; 1 where one has ended and the next has not begun
 * @param completedMillis when the last round ended, Unix milliseconds; {@link Times#ABSENT} before the first
 * @param longestUnreadMillis when the run that was not read for longest was read; {@link Times#ABSENT} without runs
 * @param spent time that MLflow took to answer for it ever
 * @param expected time that a round takes
 */
record ResyncProgress(double ratio, long completedMillis, long longestUnreadMillis, Duration spent, Duration expected) {
    /** @param share of the server's time, which rereading may take */
    static ResyncProgress of(Catalog catalog, double share) {
        ResyncState state = catalog.reading().resync;
        int present = catalog.runs().presence().present();
        double ratio = state.idle()
                ? state.completedMillis() == Times.ABSENT ? 0 : 1
                : present == 0 ? 0 : (double) catalog.runs().presence().readSince(state.begunMillis()) / present;
        return new ResyncProgress(
                ratio,
                state.completedMillis(),
                catalog.runs().presence().longestUnreadMillis(),
                state.budget().spent(),
                state.budget().expected(present, share));
    }
}

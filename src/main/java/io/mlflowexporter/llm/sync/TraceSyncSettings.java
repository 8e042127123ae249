package io.mlflowexporter.llm.sync;

import java.time.Duration;

/**
 * What the reading of traces goes by.
 *
 * @param maxPerRefresh more ended traces of an experiment in several refreshes are read from the server's sums
 * @param horizon how far back traces are read again
 * @param overlap how late a trace may arrive and how far clocks may differ
 * @param interval from one refresh to the next
 * @param timeout of a refresh as a whole
 * @param share of the time of one worker of the server that rereading may take
 */
public record TraceSyncSettings(
        int maxPerRefresh, Duration horizon, Duration overlap, Duration interval, Duration timeout, double share) {}

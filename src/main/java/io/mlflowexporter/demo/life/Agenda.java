package io.mlflowexporter.demo.life;

import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * What will happen when, in simulated Unix milliseconds, and how simulated time stands to the clock's.
 *
 * <p>Up to the start the two are the same: the history lies in the real past. From the start on simulated time runs
 * {@code speed} times as fast, and every timestamp given out is mapped back to the clock's: what takes an hour of
 * simulated time at speed 60 is recorded as a minute that really passed. So durations of living runs are scaled down,
 * a run that was under way at the start is scaled for the rest of it only, and no reader ever sees a time to come.
 */
final class Agenda {
    private record Event(long at, long order, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private final long startedMillis;
    private final double speed;
    private long order;
    private long now = Long.MIN_VALUE;

    Agenda(long startedMillis, double speed) {
        this.startedMillis = startedMillis;
        this.speed = speed;
    }

    /** Does something at a simulated time, after all that was planned for that time before. */
    void at(long simulatedMillis, Runnable action) {
        events.add(new Event(Math.max(simulatedMillis, now), order++, action));
    }

    /** Does something some simulated seconds after the event that happens now. */
    void in(double simulatedSeconds, Runnable action) {
        at(now + (long) (simulatedSeconds * 1000), action);
    }

    /** Lets everything happen that is due at a reading of the clock, in order; what that plans included. */
    void runTo(long clockMillis) {
        for (Event next = events.peek(); next != null && clock(next.at()) <= clockMillis; next = events.peek()) {
            events.remove();
            now = next.at();
            next.action().run();
        }
    }

    /** The simulated time of the event that happens now. */
    long now() {
        return now;
    }

    /** The clock's reading at the event that happens now. */
    long clockNow() {
        return clock(now);
    }

    /** The clock's reading at a simulated time. */
    long clock(long simulatedMillis) {
        return simulatedMillis <= startedMillis
                ? simulatedMillis
                : startedMillis + (long) Math.ceil((simulatedMillis - startedMillis) / speed);
    }

    /** Whether the event that happens now belongs to the history, not to what lives. */
    boolean history() {
        return now < startedMillis;
    }
}

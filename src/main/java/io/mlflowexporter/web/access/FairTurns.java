package io.mlflowexporter.web.access;

import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets one at a time do something that takes long, those first that have the fewest failures behind them. So guessers, who
 * soon have some, keep nobody waiting who has none. Of those that wait more than a few, the last in line are turned away.
 */
final class FairTurns {
    private static final int MOST_WAITING = 16;
    private static final Comparator<Waiting> FIRST =
            Comparator.comparingInt(Waiting::failures).thenComparingLong(Waiting::number);

    private final TreeSet<Waiting> line = new TreeSet<>(FIRST);
    private boolean taken;
    private long number;

    private static final class Waiting {
        private final int failures;
        private final long number;
        private final CountDownLatch called = new CountDownLatch(1);
        private boolean mine;

        private Waiting(int failures, long number) {
            this.failures = failures;
            this.number = number;
        }

        private int failures() {
            return failures;
        }

        private long number() {
            return number;
        }
    }

    /**
     * Waits for the turn, which ends with {@link #end}.
     *
     * @param failures the fewer, the sooner
     * @return false: there is none, as too many wait or the time is up
     */
    boolean begin(int failures, long seconds) throws InterruptedException {
        Waiting waiting;
        synchronized (this) {
            if (!taken) {
                taken = true;
                return true;
            }
            waiting = new Waiting(failures, number++);
            line.add(waiting);
            if (line.size() > MOST_WAITING) {
                line.pollLast().called.countDown();
            }
        }
        try {
            // Whether it was called or has waited long enough: what counts is whether the turn is its own.
            boolean called = waiting.called.await(seconds, TimeUnit.SECONDS);
            synchronized (this) {
                return mine(waiting, called);
            }
        } catch (InterruptedException e) {
            synchronized (this) {
                if (mine(waiting, false)) {
                    end();
                }
            }
            throw e;
        }
    }

    private boolean mine(Waiting waiting, boolean called) {
        if (!called) {
            line.remove(waiting);
        }
        return waiting.mine;
    }

    synchronized int waiting() {
        return line.size();
    }

    /** Ends a turn that {@link #begin} gave. */
    synchronized void end() {
        Waiting next = line.pollFirst();
        if (next == null) {
            taken = false;
        } else {
            next.mine = true;
            next.called.countDown();
        }
    }
}

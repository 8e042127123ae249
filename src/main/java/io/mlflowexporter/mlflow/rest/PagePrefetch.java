package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * The stretches of start times that one reading has yet to read, in order, and the pages of the first of them, which other
 * threads ask for while one is waited for. Where a page of MLflow ends is known only when it is there, so that the next
 * ones are asked for by guessed stretches: each as long as brings most of a page, by how close the last runs were.
 *
 * <p>What an other thread could not read is asked for again when it is its turn, by the thread that reads, which is then
 * the only one: so a failure looks the same however many requests are under way. Belongs to the thread that reads.
 */
final class PagePrefetch implements AutoCloseable {
    /** Of a page, what a stretch is to bring: one that brings more than a page takes two requests. */
    private static final double FILL = 0.75;

    /** How much sparser or denser runs are taken to be than those before. */
    private static final double MOST_CHANGE = 8;

    /**
     * A page of runs.
     *
     * @param runs in ascending order of start time, where the server heeds that
     * @param next token of the page that follows, empty after the last
     * @param bytes of the answer, unpacked
     * @param nanos it took
     */
    record Page(List<Run> runs, String next, long bytes, long nanos) {}

    /** Makes what another thread is to do. */
    interface Ahead {
        /** Fetches the page of a stretch, of so many runs at most; empty where that is not to be done ahead. */
        Optional<Callable<Page>> fetch(StartRange stretch, int most);
    }

    private final PrefetchThreads threads;
    private final int ahead;
    private final Ahead pages;
    private final long nowMillis;
    private final Deque<StartRange> plan = new ArrayDeque<>();
    private final Map<StartRange, Future<Page>> asked = new HashMap<>();
    /** By the last runs; 0 while nothing is known. */
    private double millisPerRun;

    private boolean failed;

    /**
     * Begins with all.
     *
     * @param nowMillis few runs are taken to start later
     */
    PagePrefetch(PrefetchThreads threads, Ahead pages, long fromMillis, long nowMillis) {
        this.threads = threads;
        this.ahead = threads.number();
        this.pages = pages;
        this.nowMillis = nowMillis;
        plan.add(StartRange.openFrom(fromMillis));
    }

    /**
     * Takes the first stretch off, and has the next ones asked for.
     *
     * @param pageRuns how many runs are asked for at once
     * @param left how many are wanted in all
     */
    StartRange next(int pageRuns, long left) {
        StartRange first = plan.removeFirst();
        double perStretch = FILL * pageRuns;
        int wanted = (int) Math.min(ahead, Math.ceil((left - perStretch) / perStretch));
        for (Iterator<StartRange> stretches = plan.iterator(); wanted > 0 && stretches.hasNext(); wanted--) {
            StartRange stretch = stretches.next();
            if (stretch.before() == StartRange.OPEN) {
                break;
            }
            ask(stretch, pageRuns);
        }
        for (; wanted > 0 && cut(perStretch); wanted--) {
            List<StartRange> planned = new ArrayList<>(plan);
            ask(planned.get(planned.size() - 2), pageRuns);
        }
        return first;
    }

    private boolean concurrent() {
        return ahead > 0 && !failed;
    }

    /** Cuts a stretch off the open one at the end, where it is known how long that is to be. */
    private boolean cut(double runs) {
        StartRange last = plan.peekLast();
        if (last == null || last.before() != StartRange.OPEN || !last.token().isEmpty()) {
            return false;
        }
        long end = end(last.from(), runs);
        if (end >= nowMillis) {
            return false;
        }
        plan.removeLast();
        plan.add(new StartRange(last.from(), end));
        plan.add(StartRange.openFrom(end));
        return true;
    }

    /** Where a stretch ends that is to bring so many runs; {@link StartRange#OPEN} where that is not known. */
    private long end(long from, double runs) {
        double length = Math.max(1, millisPerRun * runs);
        return millisPerRun == 0 || !concurrent() || length >= nowMillis ? StartRange.OPEN : from + (long) length;
    }

    private void ask(StartRange stretch, int pageRuns) {
        if (concurrent() && !asked.containsKey(stretch)) {
            pages.fetch(stretch, pageRuns).ifPresent(fetch -> asked.put(stretch, threads.submit(fetch)));
        }
    }

    /** The page of a stretch if it was asked for and came. */
    Optional<Page> page(StartRange stretch) throws MlflowException {
        Future<Page> future = asked.remove(stretch);
        if (future == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(future.get());
        } catch (InterruptedException e) {
            throw HttpTransport.interrupted(e);
        } catch (ExecutionException e) {
            // One that is too large for now says nothing of the server.
            failed |= !(e.getCause() instanceof MlflowException cause && cause.kind() == Kind.TOO_LARGE);
            return Optional.empty();
        }
    }

    /** Learns how close runs are: so many lay within a time. */
    void met(int runs, long millis) {
        double now = runs == 0 ? 0 : Math.max(1, millis) / (double) runs;
        millisPerRun = millisPerRun == 0
                ? now
                : Math.max(millisPerRun / MOST_CHANGE, Math.min(now, millisPerRun * MOST_CHANGE));
        if (runs == 0) {
            // How long nothing follows is told by the next page without an end.
            millisPerRun = 0;
        }
    }

    /**
     * Of a stretch this is left.
     *
     * @param pageRuns how many runs are asked for at once
     * @param left how many are wanted in all
     */
    void rest(StartRange rest, int pageRuns, long left) {
        double perStretch = FILL * pageRuns;
        Deque<StartRange> parts = new ArrayDeque<>();
        StartRange last = rest;
        while (last.token().isEmpty() && left > perStretch && parts.size() < ahead) {
            long end = end(last.from(), perStretch);
            // What is little longer may as well come at once.
            boolean whole = rest.before() == StartRange.OPEN
                    ? end >= nowMillis
                    : end >= rest.before() - (end - last.from()) / 2;
            if (whole) {
                break;
            }
            parts.add(new StartRange(last.from(), end));
            last = new StartRange(end, rest.before());
        }
        plan.addFirst(last);
        while (!parts.isEmpty()) {
            plan.addFirst(parts.removeLast());
        }
    }

    /** Ends what is under way. */
    @Override
    public void close() {
        asked.values().forEach(future -> future.cancel(true));
    }
}

package io.mlflowexporter.mlflow.rest;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that fetch pages while another one waits for one. There are none while there is nothing to fetch. */
final class PrefetchThreads implements AutoCloseable {
    private static final Duration IDLE = Duration.ofSeconds(30);

    private final int number;
    private final ThreadPoolExecutor threads;

    /** @param number at most; 0 for none ever */
    PrefetchThreads(int number) {
        this.number = number;
        int least = Math.max(1, number);
        threads = new ThreadPoolExecutor(
                least, least, IDLE.toMillis(), TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "mlflow-pages");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    int number() {
        return number;
    }

    <T> Future<T> submit(Callable<T> work) {
        return threads.submit(work);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}

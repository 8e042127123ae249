package io.mlflowexporter.refresh;

import io.mlflowexporter.estimate.NotNowException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Questions to the catalog, answered by the thread that owns it between two refreshes. So nothing has to be kept ready
 * for them, and no refresh takes longer for what nobody asks.
 */
final class CatalogQueries {
    private static final int MOST_WAITING = 16;

    private final BlockingQueue<FutureTask<?>> waiting = new ArrayBlockingQueue<>(MOST_WAITING);

    /**
     * Has something done by the owner, from any other thread.
     *
     * @param patience how long to wait for the refresh that runs now
     * @throws NotNowException if it could not be done in that time
     */
    <T> T ask(Callable<T> question, Duration patience) throws NotNowException {
        FutureTask<T> task = new FutureTask<>(question);
        if (!waiting.offer(task)) {
            throw new NotNowException("too many questions wait for an answer; ask again in a minute");
        }
        try {
            return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new NotNowException("MLflow is being read; ask again in a minute");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotNowException("the exporter is stopping");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NotNowException notNow) {
                throw notNow;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            task.cancel(false);
            waiting.remove(task);
        }
    }

    /**
     * Answers what is asked until the time is up. For the owner. However many ask, the next refresh does not wait for more than
     * the question that is being answered then.
     *
     * @param least so long what waits already is answered where there is less time than that
     */
    void answer(Duration time, Duration least) throws InterruptedException {
        long start = System.nanoTime();
        long longest = Math.max(time.toNanos(), least.toNanos());
        while (System.nanoTime() - start < longest) {
            long left = Math.max(0, time.toNanos() - (System.nanoTime() - start));
            FutureTask<?> next = waiting.poll(left, TimeUnit.NANOSECONDS);
            if (next == null) {
                return;
            }
            next.run();
        }
    }
}

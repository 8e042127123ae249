package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.estimate.NotNowException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who asks is answered by the owner's thread, or told that it cannot be now. */
final class CatalogQueriesTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final CatalogQueries queries = new CatalogQueries();

    @Test
    void theOwnerAnswers() throws Exception {
        Thread owner = new Thread(
                () -> {
                    try {
                        queries.answer(LONG, Duration.ZERO);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "owner");
        owner.start();
        try {
            assertThat(queries.ask(() -> Thread.currentThread().getName(), LONG))
                    .isEqualTo("owner");
            assertThatThrownBy(() -> queries.ask(
                            () -> {
                                throw new NotNowException("not whole");
                            },
                            LONG))
                    .hasMessage("not whole");
            assertThatThrownBy(() -> queries.ask(
                            () -> {
                                throw new IllegalArgumentException("bug");
                            },
                            LONG))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(queries.ask(() -> 1, LONG)).isEqualTo(1);
        } finally {
            owner.interrupt();
            owner.join();
        }
    }

    @Test
    void whoWaitsTooLongIsToldAndForgotten() throws Exception {
        boolean[] asked = {false};

        assertThatThrownBy(() -> queries.ask(() -> asked[0] = true, Duration.ofMillis(1)))
                .isInstanceOf(NotNowException.class)
                .hasMessageContaining("MLflow is being read");
        queries.answer(Duration.ZERO, LONG);
        assertThat(asked[0]).isFalse();
    }

    /** Each asks again as soon as it has its answer, so that somebody always waits. */
    @Test
    @Timeout(60)
    void thoseWhoNeverStopAskingDoNotKeepTheOwner() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        List<CompletableFuture<Void>> askers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            askers.add(CompletableFuture.runAsync(
                    () -> {
                        while (!done.get()) {
                            try {
                                queries.ask(answered::incrementAndGet, LONG);
                            } catch (NotNowException e) {
                                throw new AssertionError(e);
                            }
                        }
                    },
                    task -> new Thread(task, "visitor").start()));
        }

        for (int refresh = 0; refresh < 3; refresh++) {
            // Comes to an end, and even where refreshes take all of the time some are answered.
            queries.answer(Duration.ZERO, Duration.ofMillis(200));
        }
        assertThat(answered.get()).isPositive();
        done.set(true);
        CompletableFuture<?> all = CompletableFuture.allOf(askers.toArray(CompletableFuture<?>[]::new));
        while (!all.isDone()) {
            queries.answer(Duration.ofMillis(20), Duration.ZERO);
        }
        all.join();
    }

    @Test
    void tooManyAreTurnedAway() {
        CompletableFuture<?>[] waiting = new CompletableFuture<?>[40];
        for (int i = 0; i < waiting.length; i++) {
            waiting[i] = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return queries.ask(() -> "", Duration.ofSeconds(1));
                        } catch (NotNowException e) {
                            return e.getMessage();
                        }
                    },
                    task -> new Thread(task, "visitor").start());
        }
        CompletableFuture.allOf(waiting).join();

        assertThat(waiting)
                .extracting(one -> (String) one.join())
                .contains("too many questions wait for an answer; ask again in a minute");
    }
}

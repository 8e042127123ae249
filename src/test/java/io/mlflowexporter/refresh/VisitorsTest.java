package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.estimate.NotNowException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who asks is answered by the owner's thread, or told that it cannot be now. */
final class VisitorsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Visitors visitors = new Visitors();

    @Test
    void theOwnerAnswers() throws Exception {
        Thread owner = new Thread(
                () -> {
                    try {
                        visitors.receive(LONG);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "owner");
        owner.start();
        try {
            assertThat(visitors.ask(() -> Thread.currentThread().getName(), LONG))
                    .isEqualTo("owner");
            assertThatThrownBy(() -> visitors.ask(
                            () -> {
                                throw new NotNowException("not whole");
                            },
                            LONG))
                    .hasMessage("not whole");
            assertThatThrownBy(() -> visitors.ask(
                            () -> {
                                throw new IllegalArgumentException("bug");
                            },
                            LONG))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(visitors.ask(() -> 1, LONG)).isEqualTo(1);
        } finally {
            owner.interrupt();
            owner.join();
        }
    }

    @Test
    void whoWaitsTooLongIsToldAndForgotten() throws Exception {
        boolean[] asked = {false};

        assertThatThrownBy(() -> visitors.ask(() -> asked[0] = true, Duration.ofMillis(1)))
                .isInstanceOf(NotNowException.class)
                .hasMessageContaining("MLflow is being read");
        visitors.receive(Duration.ZERO);
        assertThat(asked[0]).isFalse();
    }

    @Test
    void tooManyAreTurnedAway() {
        CompletableFuture<?>[] waiting = new CompletableFuture<?>[40];
        for (int i = 0; i < waiting.length; i++) {
            waiting[i] = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return visitors.ask(() -> "", Duration.ofSeconds(1));
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

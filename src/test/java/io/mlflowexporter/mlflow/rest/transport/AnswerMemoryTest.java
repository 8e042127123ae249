package io.mlflowexporter.mlflow.rest.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What answers may take of heaps as they are recommended. */
final class AnswerMemoryTest {
    private static final long MIB = 1 << 20;
    private static final long CONFIGURED = 256 * MIB;

    @Test
    void aSmallHeapAllowsLessThanIsConfigured() {
        AnswerMemory small = AnswerMemory.of(CONFIGURED, 48 * MIB, 1);

        assertThat(small.limit()).isEqualTo(6 * MIB);
        assertThat(small.page()).isEqualTo(3 * MIB);
        assertThat(small.why())
                .isEqualTo("6291456 bytes, the eighth of the heap that an answer may take; give more with java -Xmx");
        assertThat(AnswerMemory.of(CONFIGURED, 280 * MIB, 1).limit()).isEqualTo(35 * MIB);
        assertThat(AnswerMemory.of(CONFIGURED, 280 * MIB, 1).page()).isEqualTo(16 * MIB);
    }

    @Test
    void aLargeHeapAllowsWhatIsConfigured() {
        AnswerMemory large = AnswerMemory.of(CONFIGURED, 4096 * MIB, 1);

        assertThat(large.limit()).isEqualTo(CONFIGURED);
        assertThat(large.page()).isEqualTo(16 * MIB);
        assertThat(large.why()).isEqualTo("mlflow.max_response_size, 268435456 bytes; raise it");
    }

    @Test
    void pagesUnderWayAtOnceDivideTheRoomOfOne() {
        AnswerMemory four = AnswerMemory.of(CONFIGURED, 48 * MIB, 4);

        assertThat(four.limit()).isEqualTo(6 * MIB);
        assertThat(4 * four.page()).isEqualTo(3 * MIB);
        assertThat(four.ahead()).isEqualTo(2 * four.page());
    }

    @Test
    void aPageHasRoomUpToTheLimit() {
        assertThat(AnswerMemory.of(1_000, 48 * MIB, 1).page()).isEqualTo(800);
    }
}

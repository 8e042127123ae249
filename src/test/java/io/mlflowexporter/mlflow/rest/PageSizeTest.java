package io.mlflowexporter.mlflow.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many runs are asked for at once. */
final class PageSizeTest {
    private static final long MIB = 1 << 20;
    private static final long SECOND = 1_000_000_000;

    private final PageSize size = new PageSize(1_000, Long.MAX_VALUE);

    @Test
    void smallAndFastPagesStayAsLargeAsConfigured() {
        size.took(1_000, MIB, SECOND);

        assertThat(size.runs()).isEqualTo(1_000);
    }

    @Test
    void itShrinksByAsMuchAsAPageWasTooLargeOrTooSlow() {
        size.took(1_000, 64 * MIB, SECOND);
        assertThat(size.runs()).isEqualTo(250);

        size.took(250, MIB, 20 * SECOND);
        assertThat(size.runs()).isEqualTo(125);
    }

    @Test
    void itGrowsAgainByAQuarterAtATime() {
        size.tooSlow(1_000);
        assertThat(size.runs()).isEqualTo(250);

        size.took(250, MIB, SECOND);
        assertThat(size.runs()).isEqualTo(312);
        size.took(312, 10 * MIB, SECOND);
        assertThat(size.runs()).as("neither too much nor little").isEqualTo(312);
    }

    @Test
    void itNeverAsksForNothing() {
        size.tooLarge(1);
        size.tooSlow(1);
        size.took(1, 100 * MIB, SECOND);

        assertThat(size.runs()).isEqualTo(1);
    }
}

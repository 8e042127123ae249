package io.mlflowexporter.mlflow.rest.pages;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many runs are asked for at once. */
final class PageSizeTest {
    private static final long MIB = 1 << 20;
    private static final long SECOND = 1_000_000_000;

    private final PageSize size = new PageSize(1_000, 16 * MIB);

    /** Small and fast pages until it asks for the most. */
    private void grow() {
        while (size.runs() < 1_000) {
            size.took(size.runs(), MIB, SECOND);
        }
    }

    @Test
    void itBeginsWithFewAndDoubles() {
        assertThat(size.runs()).isEqualTo(100);
        size.took(100, MIB, SECOND);
        assertThat(size.runs()).isEqualTo(200);
        size.took(200, MIB, SECOND);
        size.took(400, MIB, SECOND);
        size.took(800, MIB, SECOND);
        assertThat(size.runs()).isEqualTo(1_000);

        assertThat(new PageSize(10, MIB).runs()).isEqualTo(10);
    }

    @Test
    void itGrowsByWhatPagesShowedOnly() {
        size.took(0, 100, SECOND / 100);
        size.took(60, 100_000, SECOND / 100);
        assertThat(size.runs()).as("60 runs say little of more than 120").isEqualTo(120);

        size.took(120, 10 * MIB, SECOND);
        assertThat(size.runs())
                .as("four fifths of the 192 that would be 16 MiB")
                .isEqualTo(153);
        size.took(153, 13 * MIB, SECOND);
        assertThat(size.runs()).isEqualTo(153);
    }

    @Test
    void smallAndFastPagesStayAsLargeAsConfigured() {
        grow();
        size.took(1_000, MIB, SECOND);

        assertThat(size.runs()).isEqualTo(1_000);
    }

    @Test
    void itShrinksByAsMuchAsAPageWasTooLargeOrTooSlow() {
        grow();
        size.took(1_000, 64 * MIB, SECOND);
        assertThat(size.runs()).isEqualTo(250);

        size.took(250, MIB, 20 * SECOND);
        assertThat(size.runs()).isEqualTo(125);
    }

    @Test
    void afterARequestWasTooSlowItGrowsByAQuarterAtATime() {
        grow();
        size.tooSlow(1_000);
        assertThat(size.runs()).isEqualTo(250);

        size.took(250, MIB, SECOND);
        assertThat(size.runs()).isEqualTo(312);
        size.took(312, 14 * MIB, SECOND);
        assertThat(size.runs()).as("neither too much nor little").isEqualTo(312);
    }

    @Test
    void aSingleRunIsFollowedByTwo() {
        size.tooLarge(1);
        size.tooSlow(1);
        size.took(1, 100, SECOND / 100);

        assertThat(size.runs()).isEqualTo(2);
    }

    @Test
    void itNeverAsksForNothing() {
        size.tooLarge(1);
        size.tooSlow(1);
        size.took(1, 100 * MIB, SECOND);

        assertThat(size.runs()).isEqualTo(1);
    }
}

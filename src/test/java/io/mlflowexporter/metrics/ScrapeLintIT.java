package io.mlflowexporter.metrics;

import io.mlflowexporter.testing.Promtool;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prometheus's lint finds nothing in a whole scrape, the JVM's families included. */
final class ScrapeLintIT {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void promtoolHasNothingToSay(boolean workspaces) throws Exception {
        Promtool.check(Scrape.take(workspaces).text());
    }
}

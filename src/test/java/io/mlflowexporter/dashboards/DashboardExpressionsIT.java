package io.mlflowexporter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.testing.Command;
import io.mlflowexporter.testing.RuleTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prometheus parses every expression of every dashboard: target-promql-rule and template-label-promql-rule. */
final class DashboardExpressionsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    @Test
    void promtoolParsesThem() throws IOException {
        List<Query> queries = Stream.concat(Dashboards.queries().stream(), Dashboards.variableQueries().stream())
                .toList();
        // Each a recording rule of its own, since promtool of Prometheus 2.42 parses expressions in rules only.
        ObjectNode file = JSON.createObjectNode();
        ObjectNode group = file.putArray("groups").addObject().put("name", "dashboards");
        ArrayNode rules = group.putArray("rules");
        for (int i = 0; i < queries.size(); i++) {
            rules.addObject()
                    .put("record", "dashboards:query_" + i)
                    .put("expr", Asked.DEFAULTS.of(queries.get(i).expression()));
        }
        Path written = Files.writeString(directory.resolve("rules.yaml"), file.toPrettyString());
        Command.Result result = RuleTest.promtool("check", "rules", written.toString());
        assertThat(result.exit())
                .as(result.output() + "\nin " + file.toPrettyString())
                .isZero();
        assertThat(result.output()).contains("SUCCESS: " + queries.size() + " rules found");
    }
}

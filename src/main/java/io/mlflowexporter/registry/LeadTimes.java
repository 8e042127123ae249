package io.mlflowexporter.registry;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.Times;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Tells lead times as soon as the run is known that a version came of: runs may be unreadable when it is deployed. */
final class LeadTimes {
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);
    private static final int MOST_WAITING = 1_000;

    private record Deployment(AliasKey alias, String runId, long millis) {
        /** Whether the run is known. */
        boolean tell(@Nullable AliasCounts tally, RunTable runs) {
            OptionalInt row = runs.row(runId);
            if (tally == null || row.isEmpty()) {
                return false;
            }
            long start = BillableTime.beganMillis(runs, row.getAsInt());
            if (start != Times.ABSENT) {
                tally.leadTime(Math.max(0, millis - start) / 1000.0, runId, millis);
            }
            return true;
        }
    }

    private final Deque<Deployment> waiting = new ArrayDeque<>();

    /** @param runId empty where the registry does not tell it */
    void add(AliasKey alias, AliasCounts tally, String runId, RunTable runs, long nowMillis) {
        Deployment deployment = new Deployment(alias, runId, nowMillis);
        if (!runId.isEmpty() && !deployment.tell(tally, runs) && waiting.size() < MOST_WAITING) {
            waiting.add(deployment);
        }
    }

    /** Looks for runs that were waited for. */
    void look(RunTable runs, Map<AliasKey, AliasCounts> tallies, long nowMillis) {
        waiting.removeIf(
                it -> it.millis() <= nowMillis - LONGEST_WAIT.toMillis() || it.tell(tallies.get(it.alias()), runs));
    }

    /** Writes those that wait, as a field. */
    void write(FieldWriter out, String name) throws IOException {
        out.list(name, waiting, (element, deployment) -> {
            deployment.alias().write(element);
            element.text("runId", deployment.runId());
            element.number("millis", deployment.millis());
        });
    }

    static LeadTimes read(FieldReader in) throws IOException {
        LeadTimes read = new LeadTimes();
        for (Fields fields : in.list(FieldReader::fields)) {
            read.waiting.add(
                    new Deployment(AliasKey.read(fields), fields.text("runId"), fields.number("millis", Times.ABSENT)));
        }
        return read;
    }
}

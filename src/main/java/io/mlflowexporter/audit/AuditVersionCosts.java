package io.mlflowexporter.audit;

import io.mlflowexporter.audit.RunCosts.Busy;
import io.mlflowexporter.audit.RunCosts.Line;
import io.mlflowexporter.audit.expected.ExpectedSeries;
import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.audit.server.MlflowContent.Run;
import io.mlflowexporter.audit.server.MlflowContent.Version;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What it cost to make versions. */
final class AuditVersionCosts {
    static final String FAMILY = "mlflow_model_version_cost";

    private final ExpectedSeries sums;
    private final boolean wholeSearch;
    private final Map<String, Busy> costs;
    private final Map<String, Run> runs;
    private final Map<String, List<Run>> nested;

    /** @param wholeSearch whether all that is nested beside a version's run is part of it */
    AuditVersionCosts(ExpectedSeries sums, boolean wholeSearch, List<Run> runs, List<Busy> costs) {
        this.sums = sums;
        this.wholeSearch = wholeSearch;
        this.costs = costs.stream().collect(Collectors.toMap(busy -> busy.run().id(), Function.identity()));
        this.runs = runs.stream().collect(Collectors.toMap(Run::id, Function.identity()));
        this.nested = runs.stream().collect(Collectors.groupingBy(Run::parentId));
    }

    /** Of each model the newest. */
    void versions(List<Version> versions, int perModel) {
        versions.stream()
                .filter(version -> !version.runId().isEmpty())
                .collect(Collectors.groupingBy(Version::model))
                .values()
                .forEach(ofModel -> ofModel.stream()
                        .sorted(Version.NEWEST_FIRST)
                        .limit(perModel)
                        .forEach(this::version));
    }

    private void version(Version version) {
        for (String runId : search(version.runId())) {
            Busy busy = costs.get(runId);
            for (Line line : busy == null ? List.<Line>of() : busy.lines()) {
                sums.add(
                        SeriesName.of(
                                FAMILY,
                                "model",
                                version.model(),
                                "version",
                                version.version(),
                                "currency",
                                line.price().currency()),
                        line.cost(Long.MIN_VALUE, Long.MAX_VALUE));
            }
        }
    }

    private Set<String> search(String runId) {
        Run run = runs.get(runId);
        if (!wholeSearch || run == null || run.parentId().isEmpty()) {
            return Set.of(runId);
        }
        Set<String> search = new HashSet<>(Set.of(run.parentId()));
        nested.getOrDefault(run.parentId(), List.of()).forEach(it -> search.add(it.id()));
        return search;
    }
}

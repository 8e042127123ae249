package io.mlflowexporter.web.pages;

import io.javalin.http.Context;
import io.mlflowexporter.estimate.BadQuestionException;
import io.mlflowexporter.estimate.Estimate;
import io.mlflowexporter.estimate.EstimateJson;
import io.mlflowexporter.estimate.Estimates;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.refresh.ExporterStatus;
import io.mlflowexporter.refresh.ExporterStatus.ExperimentRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** {@code /estimate} for people and {@code /api/v1/estimate} for programs: the same parameters, the same numbers. */
final class EstimateRoute {
    static final String PAGE = "/estimate";
    static final String API = "/api/v1/estimate";

    private static final int BAD_REQUEST = 400;
    private static final int UNAVAILABLE = 503;

    private final Estimates estimates;
    private final Supplier<ExporterStatus> status;

    EstimateRoute(Estimates estimates, Supplier<ExporterStatus> status) {
        this.estimates = estimates;
        this.status = status;
    }

    void api(Context context) {
        context.contentType("application/json");
        try {
            context.result(EstimateJson.write(estimates.answer(context.queryParamMap())));
        } catch (BadQuestionException e) {
            context.status(BAD_REQUEST).result(EstimateJson.refuse(e.problems()));
        } catch (NotNowException e) {
            context.status(UNAVAILABLE).result(EstimateJson.refuse(List.of(String.valueOf(e.getMessage()))));
        }
    }

    void page(Context context) {
        Map<String, List<String>> asked = context.queryParamMap();
        Optional<Estimate> answer = Optional.empty();
        List<String> problems = List.of();
        if (!asked.isEmpty()) {
            try {
                answer = Optional.of(estimates.answer(asked));
            } catch (BadQuestionException e) {
                context.status(BAD_REQUEST);
                problems = e.problems();
            } catch (NotNowException e) {
                context.status(UNAVAILABLE);
                problems = List.of(String.valueOf(e.getMessage()));
            }
        }
        context.contentType("text/html; charset=utf-8")
                .result(new EstimatePage(asked, estimates.resources(), experiments()).write(answer, problems));
    }

    /** Some to choose from; others can be typed. */
    private List<String> experiments() {
        return status.get().snapshot().stream()
                .flatMap(snapshot ->
                        Stream.concat(snapshot.experimentsByRuns().stream(), snapshot.experimentsByHours().stream()))
                .map(ExperimentRow::experiment)
                .distinct()
                .toList();
    }
}

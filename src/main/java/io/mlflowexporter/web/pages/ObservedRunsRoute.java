package io.mlflowexporter.web.pages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.javalin.http.Context;
import io.mlflowexporter.estimate.EstimateJson;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.refresh.ObservedRuns;
import java.util.List;

/** {@code /api/v1/observed-runs}: what only the exporter saw of runs, for {@code audit}. */
final class ObservedRunsRoute {
    static final String PATH = "/api/v1/observed-runs";

    private static final int UNAVAILABLE = 503;

    private final WebServer.Observed observed;
    private final JsonMapper json;

    ObservedRunsRoute(WebServer.Observed observed, JsonMapper json) {
        this.observed = observed;
        this.json = json;
    }

    void get(Context context) throws JsonProcessingException {
        context.contentType("application/json");
        try {
            ObservedRuns runs = observed.runs();
            context.result(json.writeValueAsString(runs));
        } catch (NotNowException e) {
            context.status(UNAVAILABLE).result(EstimateJson.refuse(List.of(String.valueOf(e.getMessage()))));
        }
    }
}

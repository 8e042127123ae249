package io.mlflowexporter.demo.api;

import io.mlflowexporter.demo.traces.DemoTrace;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** Writes traces as MLflow does. */
final class TraceRender {
    private TraceRender() {}

    static void trace(JsonOut out, DemoTrace trace) throws IOException {
        out.text("trace_id", trace.id());
        out.object("trace_location", () -> {
            out.text("type", "MLFLOW_EXPERIMENT");
            out.object("mlflow_experiment", () -> out.text("experiment_id", trace.experimentId()));
        });
        out.text("request_time", Instant.ofEpochMilli(trace.startMillis()).toString());
        if (trace.durationMillis() >= 0) {
            out.text("execution_duration", duration(trace.durationMillis()));
        }
        out.text("state", trace.state());
        texts(out, "trace_metadata", trace.metadata());
        out.list("assessments", trace.feedback().isEmpty(), () -> {
            for (DemoTrace.Feedback said : trace.feedback()) {
                out.object(() -> feedback(out, trace.id(), said));
            }
        });
        texts(out, "tags", trace.tags());
        out.textUnlessEmpty("request_preview", trace.preview());
    }

    private static String duration(long millis) {
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : String.format(Locale.ROOT, "%.3fs", millis / 1e3);
    }

    private static void texts(JsonOut out, String name, Map<String, String> texts) throws IOException {
        if (!texts.isEmpty()) {
            out.object(name, () -> {
                for (Map.Entry<String, String> text : texts.entrySet()) {
                    out.text(text.getKey(), text.getValue());
                }
            });
        }
    }

    static void feedback(JsonOut out, String traceId, DemoTrace.Feedback said) throws IOException {
        String created = Instant.ofEpochMilli(said.createdMillis()).toString();
        out.text("assessment_id", said.id());
        out.text("assessment_name", said.name());
        out.text("trace_id", traceId);
        out.object("source", () -> {
            out.text("source_type", said.source());
            out.text("source_id", "default");
        });
        out.text("create_time", created);
        out.text("last_update_time", created);
        out.object(said.kind(), () -> out.raw("value", said.value()));
        if (!said.judgeCost().isEmpty()) {
            texts(out, "metadata", Map.of("mlflow.assessment.judgeCost", said.judgeCost()));
        }
        out.bool("valid", true);
    }
}

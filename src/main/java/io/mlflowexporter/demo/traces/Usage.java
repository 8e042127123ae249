package io.mlflowexporter.demo.traces;

import java.util.List;
import java.util.Map;

/** What a trace's calls come to, as MLflow writes it into the trace's metadata. */
final class Usage {
    private Usage() {}

    static void put(List<DemoTrace.Call> calls, Map<String, String> metadata) {
        long input = calls.stream().mapToLong(DemoTrace.Call::input).sum();
        long output = calls.stream().mapToLong(DemoTrace.Call::output).sum();
        long cached = calls.stream().mapToLong(DemoTrace.Call::cacheRead).sum();
        metadata.put(
                "mlflow.trace.tokenUsage",
                "{\"input_tokens\": " + input + ", \"output_tokens\": " + output + ", \"total_tokens\": "
                        + (input + output) + (cached > 0 ? ", \"cache_read_input_tokens\": " + cached : "") + "}");
        List<DemoTrace.Call> priced =
                calls.stream().filter(DemoTrace.Call::priced).toList();
        if (!priced.isEmpty()) {
            double in = priced.stream().mapToDouble(DemoTrace.Call::inputCost).sum();
            double out = priced.stream().mapToDouble(DemoTrace.Call::outputCost).sum();
            metadata.put(
                    "mlflow.trace.cost",
                    "{\"input_cost\": " + in + ", \"output_cost\": " + out + ", \"total_cost\": " + (in + out) + "}");
        }
    }
}

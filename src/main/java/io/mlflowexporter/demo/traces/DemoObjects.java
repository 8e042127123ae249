package io.mlflowexporter.demo.traces;

import java.util.List;

/**
 * What the support agent's team has besides its traces.
 *
 * @param workspace where it works
 * @param experimentId of the agent; empty for a server with nothing of that
 */
public record DemoObjects(String workspace, String experimentId) {
    /** A server without any. */
    public static final DemoObjects NONE = new DemoObjects("", "");

    /** A logged model. */
    public record Model(String id, String experimentId, String name, String status) {}

    /** A registered scorer. */
    public record Scorer(String experimentId, String name) {}

    /**
     * A budget of the gateway, for each day.
     *
     * @param target an endpoint; empty for all
     * @param amount USD
     * @param perDay what is spent of it, USD
     */
    public record Budget(String id, String scope, String target, double amount, double perDay) {}

    private boolean here(String asked) {
        return !experimentId.isEmpty() && asked.equals(workspace);
    }

    /** Logged models of a workspace. */
    public List<Model> models(String asked) {
        return here(asked)
                ? List.of(
                        new Model("m-1", experimentId, "support-agent", "READY"),
                        new Model("m-2", experimentId, "support-agent", "READY"),
                        new Model("m-3", experimentId, "summarize", "READY"),
                        new Model("m-4", experimentId, "support-agent", "PENDING"),
                        new Model("m-5", experimentId, "rag-search", "UPLOAD_FAILED"))
                : List.of();
    }

    /** Names of evaluation datasets of a workspace. */
    public List<String> datasets(String asked) {
        return here(asked) ? List.of("support-questions", "regressions") : List.of();
    }

    /** Scorers of a workspace. */
    public List<Scorer> scorers(String asked) {
        return here(asked)
                ? List.of(new Scorer(experimentId, "relevance"), new Scorer(experimentId, "has_citation"))
                : List.of();
    }

    /** Budgets of a workspace. */
    public List<Budget> budgets(String asked) {
        return here(asked)
                ? List.of(
                        new Budget("bp-all", "GLOBAL", "", 50, 38),
                        new Budget("bp-gpt-4o", "ENDPOINT", "gpt-4o", 10, 11.5))
                : List.of();
    }
}

package io.mlflowexporter.llm.sync;

import io.mlflowexporter.cost.pricing.LlmPrices;
import io.mlflowexporter.cost.pricing.LlmPrices.Charge;
import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.llm.sums.Measure;
import io.mlflowexporter.llm.sums.Measure.Kind;
import io.mlflowexporter.llm.sums.Sums;
import io.mlflowexporter.llm.sums.TraceTotals;
import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.HistogramLayout;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.traces.Assessment;
import io.mlflowexporter.mlflow.traces.Trace;
import io.mlflowexporter.mlflow.traces.TraceProjection;
import io.mlflowexporter.mlflow.traces.TraceTokens;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What one trace adds to the sums: a pure function of the trace, the prices and the settings. */
public final class Tally {
    private static final String NONE = "none";
    private static final String TAG = "tag:";
    private static final String METADATA = "metadata:";
    /** More in one trace, tokens or dollars, is a mistake of whoever wrote it. */
    private static final double MOST = 1e12;

    /** A trace cannot have run for longer, seconds. */
    private static final double LONGEST = 90.0 * 24 * 3600;

    private final Rules rules;
    private final TraceProjection projection;
    private final TraceTotals sums;

    /**
     * What sums depend on beside the traces.
     *
     * @param groups settings' keys, {@code tag:NAME} or {@code metadata:NAME}
     * @param hashed whether values of groups are replaced by hashes
     * @param projectTag tag of the trace, or else of its experiment, whose value is the project
     * @param teamTag the same for the team
     * @param budgets those that LLM traces are spent from and that look at tags
     */
    public record Rules(
            LlmPrices prices,
            List<String> groups,
            boolean hashed,
            Optional<String> projectTag,
            Optional<String> teamTag,
            List<Budget> budgets) {
        /** The server's own cost, and nothing else. */
        public static final Rules NONE =
                new Rules(LlmPrices.SERVER_ONLY, List.of(), false, Optional.empty(), Optional.empty(), List.of());

        public Rules {
            groups = List.copyOf(groups);
            budgets = List.copyOf(budgets);
        }
    }

    public Tally(Rules rules, TraceTotals sums) {
        this.rules = rules;
        this.sums = sums;
        Set<String> tags = new HashSet<>(rules.prices().tags());
        Set<String> metadata = new HashSet<>(rules.prices().metadata());
        for (String group : rules.groups()) {
            if (group.startsWith(TAG)) {
                tags.add(group.substring(TAG.length()));
            } else {
                metadata.add(group.substring(METADATA.length()));
            }
        }
        rules.projectTag().ifPresent(tags::add);
        rules.teamTag().ifPresent(tags::add);
        rules.budgets().forEach(budget -> tags.addAll(budget.tags().keySet()));
        projection = new TraceProjection(tags, metadata);
    }

    /** What of a trace is looked at. */
    TraceProjection projection() {
        return projection;
    }

    /** Whether a trace has ended, so that it counts. */
    static boolean ended(Trace trace) {
        return switch (trace.state()) {
            case OK, ERROR -> true;
            case UNSPECIFIED -> trace.durationMillis() != Times.ABSENT;
            case IN_PROGRESS -> false;
        };
    }

    /** When an ended trace ended: one without a duration when it started, as the server takes it. */
    static long end(Trace trace) {
        return trace.durationMillis() == Times.ABSENT ? trace.startMillis() : trace.endMillis();
    }

    static String status(Trace.State state) {
        return switch (state) {
            case OK -> "ok";
            case ERROR -> "error";
            case IN_PROGRESS -> "in_progress";
            case UNSPECIFIED -> "unspecified";
        };
    }

    /** The duration that a histogram can take, in seconds; NaN where there is none. */
    static double seconds(Trace trace) {
        if (trace.durationMillis() == Times.ABSENT || trace.durationMillis() < 0) {
            return Double.NaN;
        }
        double seconds = trace.durationMillis() / 1000.0;
        return seconds > LONGEST ? Double.NaN : seconds;
    }

    /** What an ended trace adds. */
    Sums of(Experiment experiment, Trace trace) {
        Sums to = new Sums();
        String status = status(trace.state());
        sums.add(to, 1, Kind.TRACES, status);
        double seconds = seconds(trace);
        if (!Double.isNaN(seconds)) {
            sums.add(to, seconds, Kind.SECONDS, status);
            sums.add(
                    to,
                    1,
                    Kind.BUCKET,
                    status,
                    Integer.toString(HistogramLayout.TRACES.bucket(seconds)),
                    seconds <= DurationHistogram.ZERO_THRESHOLD
                            ? Measure.ZERO
                            : Integer.toString(DurationHistogram.nativeBucket(seconds)));
        } else if (trace.durationMillis() != Times.ABSENT) {
            sums.add(to, 1, Kind.ANOMALIES, "trace_duration");
        }
        if (!trace.unreadable().isEmpty()) {
            sums.add(to, 1, Kind.ANOMALIES, "trace_unreadable");
        }
        money(to, experiment, trace, tokens(to, trace.tokens()));
        for (Assessment assessment : trace.assessments()) {
            assessment(to, assessment, trace.startMillis());
        }
        return to;
    }

    private TraceTokens tokens(Sums to, TraceTokens tokens) {
        double most = Math.max(
                Math.max(tokens.input(), tokens.output()), Math.max(tokens.cacheRead(), tokens.cacheCreation()));
        if (most > MOST) {
            sums.add(to, 1, Kind.ANOMALIES, "trace_tokens");
            return TraceTokens.NONE;
        }
        tokens(to, (double) tokens.input(), "input");
        tokens(to, (double) tokens.output(), "output");
        tokens(to, (double) tokens.cacheRead(), "cache_read");
        tokens(to, (double) tokens.cacheCreation(), "cache_creation");
        return tokens;
    }

    /** Adds tokens of a type; without any there is no series of them. */
    void tokens(Sums to, double tokens, String type) {
        if (tokens > 0) {
            sums.add(to, tokens, Kind.TOKENS, type);
        }
    }

    private void money(Sums to, Experiment experiment, Trace trace, TraceTokens tokens) {
        boolean believed = trace.costUsd() >= 0 && trace.costUsd() <= MOST;
        if (!believed && !Double.isNaN(trace.costUsd())) {
            sums.add(to, 1, Kind.ANOMALIES, "trace_cost");
        }
        LlmPrices.Call call = LlmPrices.Call.of(
                experiment.workspace(),
                experiment.name(),
                trace.name(),
                trace.notes(),
                tokens,
                believed ? trace.costUsd() : Double.NaN,
                trace.startMillis());
        Charge charge = charge(to, experiment, call);
        if (charge.source() == LlmPrices.Source.NONE) {
            return;
        }
        for (String group : rules.groups()) {
            String value = trace.notes().getOrDefault(group, "");
            sums.add(
                    to,
                    charge.amount(),
                    Kind.GROUP,
                    group,
                    value.isEmpty() ? NONE : rules.hashed() ? GroupHash.of(value) : value,
                    charge.currency());
        }
    }

    /** Adds what a trace costs, or the traces of an hour together. */
    Charge charge(Sums to, Experiment experiment, LlmPrices.Call call) {
        Charge charge = rules.prices().charge(call);
        if (charge.source() == LlmPrices.Source.NONE) {
            if (call.tokens() > 0) {
                sums.add(to, call.tokens(), Kind.UNPRICED);
            }
            return charge;
        }
        String currency = charge.currency();
        sums.add(to, charge.amount(), Kind.SPEND, charge.source().label(), currency);
        rules.projectTag()
                .ifPresent(tag -> sums.add(to, charge.amount(), Kind.PROJECT, tag(experiment, call, tag), currency));
        rules.teamTag()
                .ifPresent(tag -> sums.add(to, charge.amount(), Kind.TEAM, tag(experiment, call, tag), currency));
        for (Budget budget : rules.budgets()) {
            boolean matches = budget.tags().entrySet().stream()
                    .allMatch(pattern -> pattern.getValue().matches(tag(experiment, call, pattern.getKey())));
            if (matches) {
                sums.add(to, charge.amount(), Kind.BUDGET, budget.name(), currency);
            }
        }
        return charge;
    }

    /** An amount that the server gives, as a charge. */
    Charge usd(double amount, long atMillis) {
        return rules.prices().usd(amount, atMillis);
    }

    /** Of the trace, else of its experiment. */
    private static String tag(Experiment experiment, LlmPrices.Call call, String tag) {
        String ofTrace = call.notes().getOrDefault(TAG + tag, "");
        String value = ofTrace.isEmpty() ? experiment.tags().getOrDefault(tag, "") : ofTrace;
        return value.isEmpty() ? NONE : value;
    }

    private void assessment(Sums to, Assessment assessment, long startMillis) {
        // What was spent on judging was spent, whether the judgement still holds or not.
        if (assessment.judgeCostUsd() >= 0 && assessment.judgeCostUsd() <= MOST) {
            Charge charge = rules.prices().usd(assessment.judgeCostUsd(), startMillis);
            sums.add(to, charge.amount(), Kind.JUDGES, charge.currency());
        }
        if (!assessment.valid()) {
            return;
        }
        String source = switch (assessment.source()) {
            case HUMAN -> "human";
            case LLM_JUDGE -> "llm_judge";
            case CODE -> "code";
            case OTHER -> "other";
        };
        sums.add(to, 1, Kind.ASSESSMENTS, assessment.name(), source);
        if (Math.abs(assessment.score()) <= MOST) {
            sums.add(to, 1, Kind.SCORES, assessment.name(), source);
            sums.add(to, assessment.score(), Kind.SCORE_SUM, assessment.name(), source);
        }
    }
}

package io.mlflowexporter.mlflow.rest.hosts;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Something that {@code mlflow server} can do and other servers of its API, or older ones, cannot. */
public enum Ability {
    /** One {@code runs/search} takes any number of experiments. */
    MANY_EXPERIMENTS("experiment_ids|experiment ids", ""),
    FILTER_BY_START_TIME("start_time", "attributes.start_time"),
    FILTER_BY_END_TIME("end_time", "attributes.end_time"),
    FILTER_BY_STATUS("status", "attributes.status"),
    FILTER_BY_RUN_ID("run_id", "attributes.run_id"),
    ORDER_RUNS("order_by|order by", ""),
    /** Registered models and their versions. */
    REGISTRY("", ""),
    /** Workspaces are switched on. */
    WORKSPACES("", ""),
    /** Answers {@code /version}. */
    VERSION("", ""),
    /** Answers {@code server-info}. */
    SERVER_INFO("", ""),
    /** LLM traces. */
    TRACES("", ""),
    /** A search for traces takes a condition on the time they ended. */
    FILTER_TRACES_BY_END_TIME("end_time", ""),
    /** Sums over traces, by the hour. */
    TRACE_SUMS("", ""),
    /** Prompts among the registered models. */
    PROMPTS("", ""),
    LOGGED_MODELS("", ""),
    EVALUATION_DATASETS("", ""),
    /** Lists the scorers of all experiments at once. */
    SCORERS("", ""),
    /** Budgets of MLflow's gateway. */
    GATEWAY_BUDGETS("", "");

    /** Separated by a bar, as an enumeration must not hold a list. */
    private final String words;

    private final String attribute;

    Ability(String words, String attribute) {
        this.words = words;
        this.attribute = attribute;
    }

    /** Whether a server that refuses a request speaks of it. */
    public boolean isMentionedIn(String refusal) {
        String text = refusal.toLowerCase(Locale.ROOT);
        return !words.isEmpty() && Arrays.stream(words.split("\\|", -1)).anyMatch(text::contains);
    }

    /** What a filter in MLflow's search language takes. */
    public static Set<Ability> neededBy(String filter) {
        Set<Ability> needed = EnumSet.noneOf(Ability.class);
        for (Ability ability : values()) {
            if (!ability.attribute.isEmpty() && filter.contains(ability.attribute)) {
                needed.add(ability);
            }
        }
        return needed;
    }
}

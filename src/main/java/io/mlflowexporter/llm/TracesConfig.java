package io.mlflowexporter.llm;

import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.SettingChecks;
import io.mlflowexporter.settings.value.Quoted;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** LLM traces. */
public record TracesConfig(
        @Setting(
                value =
                        "Whether LLM traces are read. `auto`: where the server has them. `on`: it is an error where it has"
                                + " none.",
                byDefault = "auto")
        Read read,

        @Setting(
                value =
                        "So far back traces are read again, as far as refresh.resync_share goes, for assessments that come"
                                + " late, deletions and edits.",
                byDefault = "7d",
                min = "1h",
                max = "31d")
        Duration horizon,

        @Setting(
                value =
                        "An experiment with more ended traces in each of several refreshes is read from the server's hourly"
                                + " sums (MLflow 3.9 and later): exact counts, tokens and cost, but no durations, assessments"
                                + " and groups, until it has fewer than half as many again.",
                byDefault = "5000",
                min = "1",
                max = "1000000")
        int maxPerRefresh,

        @Setting("Tags and metadata whose values mlflow_llm_group_cost shows, as `tag:NAME` or `metadata:NAME`, such as"
                + " `metadata:mlflow.trace.user`. Values may be personal data: see hash_groups.")
        List<String> groupBy,

        @Setting(
                value = "Show a hash of each group's value instead of the value itself. Equal values have equal hashes;"
                        + " whoever can guess a value can check the guess.",
                byDefault = "false")
        boolean hashGroups) {
    /** Reading traces again may take this part of refresh.resync_share, beside what runs take. */
    public static final double PART_OF_SHARE = 0.25;

    /** Whether traces are read. */
    public enum Read {
        AUTO,
        ON,
        OFF
    }

    private static final Pattern GROUP = Pattern.compile("(tag|metadata):.+");

    /** Adds what does not hold between them. */
    public void check(SettingChecks checks) {
        String path = "traces.group_by";
        for (String group : groupBy) {
            if (!GROUP.matcher(group).matches()) {
                checks.error(path, Quoted.shown(group) + " is not allowed; allowed: tag:NAME or metadata:NAME");
            }
        }
        if (hashGroups && groupBy.isEmpty() && checks.sound(path)) {
            checks.warn("traces.hash_groups", "is not used, as traces.group_by names nothing");
        }
    }
}

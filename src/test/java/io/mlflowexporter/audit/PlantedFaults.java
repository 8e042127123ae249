package io.mlflowexporter.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Ways in which a scrape of the demo can be wrong. */
final class PlantedFaults {
    private PlantedFaults() {}

    /** Adds to the number in the pattern's group. */
    static String changed(String text, String pattern, double by) {
        Pattern found = Pattern.compile(pattern);
        assertThat(found.matcher(text).find()).as(pattern).isTrue();
        return found.matcher(text)
                .replaceFirst(match -> match.group()
                                .substring(
                                        0,
                                        match.group().length() - match.group(1).length())
                                .replace("$", "\\$")
                        + (Double.parseDouble(match.group(1)) + by));
    }

    private static Arguments fault(String name, String found, UnaryOperator<String> fault) {
        return Arguments.of(name, found, fault);
    }

    private static UnaryOperator<String> kpi(String family, String kpi, String selector, double by) {
        return text -> changed(
                text,
                family + "\\{experiment=\"\\w+\",kpi=\"" + kpi + "\",model=\"\",selector=\"" + selector + "\"} (\\S+)",
                by);
    }

    private static UnaryOperator<String> swapped(String pattern) {
        return text -> {
            List<MatchResult> found =
                    Pattern.compile(pattern).matcher(text).results().toList();
            String first = found.get(0).group(1);
            String second = found.get(1).group(1);
            return text.substring(0, found.get(0).start(1))
                    + second
                    + text.substring(found.get(0).end(1), found.get(1).start(1))
                    + first
                    + text.substring(found.get(1).end(1));
        };
    }

    static Stream<Arguments> all() {
        String training = "\\{experiment=\"bikes\",phase=\"training\"";
        return Stream.of(
                fault(
                        "a count off by one",
                        "mlflow_runs{",
                        text -> changed(text, "mlflow_runs" + training + ",status=\"finished\"} (\\S+)", 1)),
                fault("a series missing", "mlflow_runs{", text -> text.replaceFirst("\nmlflow_runs\\{.*", "")),
                fault(
                        "a series too many",
                        "mlflow_runs{experiment=\"ghost\"",
                        text -> text + "mlflow_runs{experiment=\"ghost\",phase=\"other\",status=\"running\"} 1.0\n"),
                fault(
                        "a cost off by 1 %",
                        "mlflow_compute_spend_total{",
                        text -> changed(
                                text,
                                "mlflow_compute_spend_total\\{currency=\"EUR\",experiment=\"bikes\",phase=\"training\",.*} (\\S+)",
                                0.0168)),
                fault(
                        "a wrong currency",
                        "mlflow_compute_cost{currency=\"USD\"",
                        text -> text.replaceFirst(
                                "\nmlflow_compute_cost\\{currency=\"EUR\"", "\nmlflow_compute_cost{currency=\"USD\"")),
                fault(
                        "windows mixed up",
                        "mlflow_compute_cost{",
                        swapped(
                                "mlflow_compute_cost\\{currency=\"EUR\",experiment=\"recommendations\",outcome=\"finished\","
                                        + "phase=\"training\",window=\"(?:7d|30d)\"} (\\S+)")),
                fault(
                        "a bucket too low",
                        "mlflow_run_duration_seconds_bucket{",
                        text -> changed(
                                text,
                                "mlflow_run_duration_seconds_bucket" + training
                                        + ",status=\"finished\",le=\"3600.0\"} (\\S+)",
                                -1)),
                fault(
                        "a stale run forgotten",
                        "mlflow_runs_stale{",
                        text -> text.replaceFirst("(\nmlflow_runs_stale\\{.*} )[1-9]\\S*", "$10.0")),
                fault(
                        "an alias on another version",
                        "mlflow_model_alias_info{",
                        text -> text.replaceFirst("(\nmlflow_model_alias_info\\{.*version=\")\\d+", "$19999")),
                fault(
                        "a counter too low",
                        "mlflow_runs_started_total{",
                        text -> changed(text, "mlflow_runs_started_total" + training + "} (\\S+)", -1)),
                fault(
                        "a price of yesterday",
                        "mlflow_price_per_hour{",
                        text -> changed(text, "mlflow_price_per_hour\\{.*resource=\"m5.xlarge\".*} (\\S+)", 0.01)),
                fault(
                        "a budget spent less",
                        "mlflow_budget_spent_ratio{",
                        text -> changed(text, "mlflow_budget_spent_ratio\\{budget=\"bikes\"} (\\S+)", -0.01)),
                fault(
                        "a share of errors of another window",
                        "mlflow_run_error_ratio{",
                        text -> changed(text, "mlflow_run_error_ratio" + training + ",window=\"30d\"} (\\S+)", 0.01)),
                fault(
                        "a success forgotten",
                        "mlflow_last_success_timestamp_seconds{",
                        text -> changed(text, "mlflow_last_success_timestamp_seconds" + training + "} (\\S+)", -60)),
                fault(
                        "a retry storm that is none",
                        "mlflow_retry_storm_runs{",
                        text -> text + "mlflow_retry_storm_runs{experiment=\"bikes\",phase=\"promotion\"} 2.0\n"),
                fault(
                        "one failure of a retry storm not counted",
                        "mlflow_retry_storm_runs{",
                        text -> changed(text, "mlflow_retry_storm_runs\\{.*} (\\S+)", -1)),
                fault(
                        "a run that waits overlooked",
                        "mlflow_oldest_scheduled_run_age_seconds{",
                        text -> text.replaceFirst("\nmlflow_oldest_scheduled_run_age_seconds\\{.*", "")),
                fault(
                        "more waits than runs",
                        "mlflow_run_queue_seconds_count{",
                        text -> text
                                + "mlflow_run_queue_seconds_count{experiment=\"bikes\",phase=\"training\"} 1000.0\n"),
                fault(
                        "a step of another length",
                        "mlflow_step_duration_seconds_sum{",
                        text -> changed(text, "mlflow_step_duration_seconds_sum\\{.*} (\\S+)", 1)),
                fault(
                        "a step counted as less than it took",
                        "mlflow_step_duration_seconds_bucket{",
                        text -> changed(text, "mlflow_step_duration_seconds_bucket\\{.*,le=\"1.0\"} (\\S+)", 1)),
                fault("a KPI's best is another run's", "mlflow_kpi{", kpi("mlflow_kpi", "rmse", "best", 0.5)),
                fault("a KPI's mean over other runs", "mlflow_kpi{", kpi("mlflow_kpi", "r2", "mean", -0.001)),
                fault(
                        "a champion's KPI missing",
                        "mlflow_kpi{",
                        text -> text.replaceFirst("\nmlflow_kpi\\{.*,selector=\"champion\".*", "")),
                fault(
                        "a target met that is missed",
                        "mlflow_kpi_target_met{",
                        kpi("mlflow_kpi_target_met", "click_through_rate", "mean", 1)),
                fault(
                        "a KPI observed a minute later",
                        "mlflow_kpi_observed_timestamp_seconds{",
                        kpi("mlflow_kpi_observed_timestamp_seconds", "mae", "latest", 60)),
                fault(
                        "a run that tells no KPI passed over",
                        "mlflow_kpi_unusable_runs{",
                        text -> changed(text, "mlflow_kpi_unusable_runs\\{.*reason=\"division_by_zero\"} (\\S+)", 1)),
                fault(
                        "another target",
                        "mlflow_kpi_target{",
                        text -> changed(text, "mlflow_kpi_target\\{kpi=\"accuracy\"} (\\S+)", 0.01)),
                fault(
                        "a KPI about something else",
                        "mlflow_kpi_definition_info{",
                        text -> text.replace("kpi=\"r2\",subject=\"accuracy\"", "kpi=\"r2\",subject=\"business\"")),
                fault(
                        "a point of a KPI for less",
                        "mlflow_kpi_cost_per_point{",
                        text -> changed(text, "mlflow_kpi_cost_per_point\\{.*kpi=\"r2\".*} (\\S+)", -1)),
                fault(
                        "a forecast of last month",
                        "mlflow_cost_forecast{",
                        text -> changed(text, "mlflow_cost_forecast\\{.*experiment=\"bikes\"} (\\S+)", 0.1)),
                fault(
                        "a budget's forecast without its overheads",
                        "mlflow_budget_forecast_ratio{",
                        text -> changed(text, "mlflow_budget_forecast_ratio\\{budget=\"everything\"} (\\S+)", -0.01)),
                fault(
                        "a version's cost that is another's",
                        "mlflow_model_version_cost{",
                        swapped("mlflow_model_version_cost\\{.*version=\"1[12]\"} (\\S+)")),
                fault(
                        "an alias that is not followed",
                        "mlflow_deployments_total{",
                        text -> text.replaceFirst("\nmlflow_deployments_total\\{alias=\"champion\".*", "")),
                fault(
                        "a production alias not counted from 0",
                        "mlflow_deployments_total{",
                        text -> text.replaceFirst("\nmlflow_deployments_total\\{alias=\"production\".*", "")),
                fault(
                        "more rollbacks than moves",
                        "mlflow_rollbacks_total{",
                        text -> changed(text, "mlflow_rollbacks_total\\{alias=\"champion\".*} (\\S+)", 1)),
                fault(
                        "a failure that nothing restored",
                        "mlflow_deployment_failures_total{",
                        text -> changed(text, "mlflow_deployment_failures_total\\{.*} (\\S+)", 1)),
                fault(
                        "a lead time without a deployment",
                        "mlflow_deployment_lead_time_seconds_count{",
                        text -> changed(text, "mlflow_deployment_lead_time_seconds_count\\{.*} (\\S+)", 1)),
                fault(
                        "a last deployment where there was none",
                        "mlflow_last_deployment_timestamp_seconds{",
                        text -> text
                                + "mlflow_last_deployment_timestamp_seconds{alias=\"champion\",model=\"recommender\"} 1\n"),
                fault(
                        "unpriced time hidden",
                        "mlflow_compute_unpriced_seconds_total{",
                        text -> text.replaceFirst("\nmlflow_compute_unpriced_seconds_total\\{.*", "")));
    }
}

package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.CheckedElement;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.DateOrTime;
import io.mlflowexporter.settings.value.Glob;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The cost book: a file of its own, so that it can be reread while the exporter runs. */
public record PricingFile(
        @Setting(value = "Time zone of dates, calendar days and months, by its IANA name.", byDefault = "UTC")
        ZoneId timeZone,

        @Setting("Currency (ISO 4217) of every amount that names none.")
        Optional<Currency> currency,

        @Setting("Currency all costs are shown in; needs a conversion from each other one. Unset: each in its own.")
        Optional<Currency> reportCurrency,

        @Setting("Fixed rates between currencies.") List<Conversion> conversions,
        @Setting("What can be used, and at which price.") List<Resource> resources,

        @Setting("Which run used what: in order, the first rule that matches a run is its rule.")
        List<UsageRule> rules,

        @Setting("What a run used that no rule matches. Unset: its time is unpriced.")
        List<Use> defaultUses,

        @Setting(
                value = "Whether a run's own tags `mlflow-exporter.resource` and `mlflow-exporter.count` go before all"
                        + " rules. Whoever may write a run can then choose its price.",
                byDefault = "false")
        boolean trustRunHints,

        @Setting("Tag whose value is the run's project, for mlflow_project_compute_cost.")
        Optional<String> projectTag,

        @Setting("Tag whose value is the run's team, for mlflow_team_compute_cost.")
        Optional<String> teamTag,

        @Setting("What may be spent.") List<Budget> budgets,
        @Setting("What is spent beside computing.") List<Overhead> overheads,

        @Setting("Grams of CO₂ per kilowatt-hour, in order of time.")
        List<CarbonIntensity> carbon,

        @Setting(
                value = "Power usage effectiveness (ISO/IEC 30134-2): the site's energy over that of its machines;"
                        + " energies and CO₂ are multiplied by it.",
                byDefault = "1",
                min = "1",
                max = "5")
        BigDecimal pue,

        @Setting(
                "What the tokens of LLM traces cost that MLflow itself gives no cost for: in order, the first rule that"
                        + " matches a trace is its rule.")
        List<LlmPriceRule> llmPrices) {

    /** A fixed rate. */
    public record Conversion(
            @Setting("Currency converted.") Currency from,
            @Setting("Currency got.") Currency to,

            @Setting(value = "How much of `to` one of `from` is.", min = "0.000001", max = "1000000")
            BigDecimal rate,

            @Setting("First instant it holds. Unset: since ever.")
            Optional<DateOrTime> validFrom,

            @Setting("First instant it no longer holds. Unset: for ever.")
            Optional<DateOrTime> validUntil,

            Place place)
            implements CheckedElement {
        @Override
        public void check(Complaints complaints) {
            if (from.equals(to)) {
                complaints.error("to", "is " + to + ", as is from; a currency needs no conversion to itself");
            }
        }
    }

    /** How dirty the power is. */
    public record CarbonIntensity(
            @Setting(value = "Grams of CO₂ per kilowatt-hour.", min = "0", max = "5000")
            BigDecimal gramsPerKwh,

            @Setting("First instant it holds. Unset: since ever.")
            Optional<DateOrTime> validFrom,

            @Setting("First instant it no longer holds. Unset: for ever.")
            Optional<DateOrTime> validUntil,

            Place place) {}

    /** What may be spent on some runs in a period. */
    public record Budget(
            @Setting("Its name; becomes a label value.") String name,

            @Setting(value = "What may be spent in one period.", min = "0.01", max = "1000000000000")
            BigDecimal amount,

            @Setting("Currency (ISO 4217).") Optional<Currency> currency,

            @Setting(value = "Calendar period it is for.", byDefault = "month")
            Period period,

            @Setting("Experiment names, patterns with `*` and `?`. Unset: all.")
            List<Glob> experiment,

            @Setting("Workspaces, patterns. Unset: all.") List<Glob> workspace,
            @Setting("Phases, patterns. Unset: all.") List<Glob> phase,

            @Setting("Tag names and the patterns their values must match.")
            Map<String, Glob> tags,

            @Setting("Overhead categories that are spent from it too.")
            List<Overhead.Category> overheads,

            @Setting(
                    value = "What is spent from it: the compute of runs, the cost of LLM traces, or both.",
                    byDefault = "compute")
            List<Spending> includes,

            Place place)
            implements CheckedElement {
        @Override
        public void check(Complaints complaints) {
            PricingElements.name(complaints, "name", name, "a budget's name");
            if (includes.isEmpty()) {
                complaints.error("includes", "names nothing; allowed: compute, llm");
            }
            if (includes.contains(Spending.LLM) && !phase.isEmpty()) {
                complaints.error(
                        "phase",
                        "is given, but LLM traces have no phase; take llm out of includes, or make two budgets");
            }
        }

        /** Calendar periods. */
        public enum Period {
            MONTH,
            QUARTER,
            YEAR
        }

        /** What a budget can be spent on. */
        public enum Spending {
            COMPUTE,
            LLM
        }
    }

    /** What is spent beside computing; exactly one of the four amounts. */
    public record Overhead(
            @Setting("Which of the five categories it belongs to.")
            Category category,

            @Setting("What it is, for people.") Optional<String> name,

            @Setting(
                    value = "Amount per calendar month, spread evenly over each month.",
                    min = "0",
                    max = "1000000000000")
            Optional<BigDecimal> monthly,

            @Setting(
                    value = "Amount spent once, spread evenly from valid_from to valid_until, or over the day of"
                            + " valid_from where that alone is set.",
                    min = "0",
                    max = "1000000000000")
            Optional<BigDecimal> once,

            @Setting(value = "Gigabytes stored; with `per_gb_month`.", min = "0", max = "1000000000000")
            Optional<BigDecimal> gb,

            @Setting(value = "Price of one gigabyte for one calendar month.", min = "0", max = "1000000")
            Optional<BigDecimal> perGbMonth,

            @Setting("Currency (ISO 4217).") Optional<Currency> currency,

            @Setting("First instant it is spent. Unset: since ever.")
            Optional<DateOrTime> validFrom,

            @Setting("First instant it no longer is. Unset: for ever.")
            Optional<DateOrTime> validUntil,

            Place place)
            implements CheckedElement {
        @Override
        public void check(Complaints complaints) {
            PricingElements.exactlyOne(
                    complaints,
                    Map.of("monthly", monthly, "once", once, "gb with per_gb_month", gb.isPresent() ? gb : perGbMonth));
            if (gb.isPresent() != perGbMonth.isPresent()) {
                complaints.error(
                        gb.isPresent() ? "gb" : "per_gb_month",
                        "is given without " + (gb.isPresent() ? "per_gb_month" : "gb"));
            }
            if (once.isPresent() && validFrom.isEmpty()) {
                complaints.error("once", "is given without valid_from, the day from which it counts");
            }
        }

        /** The seed's five cost categories. */
        public enum Category {
            INFRASTRUCTURE,
            DATA,
            PERSONNEL,
            SOFTWARE,
            OPERATIONS
        }
    }
}

package io.mlflowexporter.cli;

import io.mlflowexporter.backfill.Backfill;
import io.mlflowexporter.backfill.BackfillTimes;
import io.mlflowexporter.cli.log.LogSetup;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.ShardedSource;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.value.Durations;
import io.mlflowexporter.settings.value.Glob;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes what MLflow knows of the time before the first scrape. */
@Command(
        name = "backfill",
        mixinStandardHelpOptions = true,
        description = {
            "Reads an MLflow server and writes what its metrics would have said in the past, as OpenMetrics text with"
                    + " timestamps, for `promtool tsdb create-blocks-from openmetrics`. See docs/backfill.md.",
            "Example: mlflow-exporter backfill --from now-30d --label job=mlflow --label instance=exporter:9818"
                    + " --split 1d --output history.om"
        })
final class BackfillCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(BackfillCommand.class);
    private static final long MOST_SAMPLES = 50_000_000;
    private static final long MOST_STEPS = 10_000_000;
    private static final long BYTES_PER_SAMPLE = 150;
    private static final double BYTES_PER_GIGABYTE = 1e9;
    private static final Duration LOOKBACK = Duration.ofMinutes(5);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Option(
            names = "--from",
            required = true,
            paramLabel = "TIME",
            description = "The first time: 2026-10-01 (UTC), 2026-10-01T12:00:00Z, Unix seconds or now-30d.")
    private String from = "";

    @Option(
            names = "--to",
            paramLabel = "TIME",
            description = "The last time, not after now: that of the first scrape, if there was one. Default:"
                    + " ${DEFAULT-VALUE}.")
    private String to = "now";

    @Option(
            names = "--step",
            paramLabel = "DURATION",
            description = "From one time to the next. Past 5m Prometheus shows gaps between them. Default:"
                    + " ${DEFAULT-VALUE}.")
    private String step = "5m";

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Where it is written; - for standard output. Default: ${DEFAULT-VALUE}.")
    private String output = "-";

    @Option(
            names = "--split",
            paramLabel = "DURATION",
            description = "Write a file for each so much time, its first moment put into its name. promtool reads a"
                    + " whole file once for every two hours in it: it takes a month in one file thirty times as long as"
                    + " in thirty.")
    private @Nullable String split;

    @Option(
            names = "--label",
            paramLabel = "NAME=VALUE",
            description = "A label for every series; may be repeated. Prometheus adds job and instance to what it"
                    + " scrapes: give them as its configuration does, and the series go on as the same.")
    private Map<String, String> labels = Map.of();

    @Option(
            names = "--families",
            paramLabel = "NAME",
            split = ",",
            description = "Only these families, by name or by patterns such as mlflow_run*. Default: all that can be"
                    + " told of the past.")
    private List<String> families = List.of();

    @Option(
            names = "--histories",
            description = "Read the histories of system metrics too, one request for each metric of each run, and"
                    + " write the families made of them.")
    private boolean histories;

    @Option(names = "--yes", description = "Write however much it is.")
    private boolean yes;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws SettingsException, IOException, MlflowException {
        // Whole seconds: nobody wants the milliseconds of when the command was started in every timestamp.
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        BackfillTimes steps = steps(now);
        Optional<Duration> piece = Optional.ofNullable(split).map(text -> positive("--split", text));
        SortedMap<String, String> checkedLabels = labels();
        LoadedConfig loaded = options.load(System.getenv());
        LogSetup.install(loaded.config().log());
        loaded.warnings().forEach(warning -> LOG.warn("{}", warning));
        if (!checkedLabels.containsKey("job") || !checkedLabels.containsKey("instance")) {
            LOG.warn("Without --label job=… and --label instance=… these series are not those of Prometheus's scrapes");
        }
        if (steps.step().compareTo(LOOKBACK) > 0) {
            LOG.warn("Prometheus shows a sample for 5 minutes: with a longer --step there are gaps");
        }
        Backfill backfill = read(loaded, now);
        backfill.incomplete().forEach(reason -> LOG.warn("Not complete: {}", reason));
        long samples = backfill.samples(steps);
        String size = String.format(
                Locale.ROOT,
                "up to %,d samples at %,d times, some %.1f GB",
                samples,
                steps.count(),
                samples * BYTES_PER_SAMPLE / BYTES_PER_GIGABYTE);
        if (samples > MOST_SAMPLES && !yes) {
            throw new IOException("that would be " + size + "; choose a shorter time, a longer --step or fewer"
                    + " --families, or say --yes");
        }
        LOG.info("Read {} runs; writing {}", backfill.runs(), size);
        BackfillOutput files = new BackfillOutput(output, piece.isPresent());
        backfill.write(
                piece.map(steps::split).orElse(List.of(steps)),
                checkedLabels,
                files::open,
                new Progress(InstantSource.system())::step);
        LOG.info("Written: {}", files.written());
        return 0;
    }

    private BackfillTimes steps(Instant now) {
        Instant first = time("--from", from, now);
        Instant last = time("--to", to, now);
        Duration between = positive("--step", step);
        if (last.isAfter(now)) {
            throw bad("--to " + to + " is in the future");
        }
        if (first.isAfter(last)) {
            throw bad("--from " + from + " is after --to " + to);
        }
        BackfillTimes steps = new BackfillTimes(first, last, between);
        if (steps.count() > MOST_STEPS) {
            throw bad("--step " + step + " makes " + steps.count() + " times of --from to --to; at most " + MOST_STEPS
                    + " are possible");
        }
        return steps;
    }

    private Instant time(String option, String text, Instant now) {
        try {
            return TimeOption.parse(text, now);
        } catch (IllegalArgumentException e) {
            throw bad(option + ": " + e.getMessage());
        }
    }

    private Duration positive(String option, String text) {
        try {
            Duration duration = Durations.parse(text);
            if (duration.isZero()) {
                throw bad(option + " must be longer than 0");
            }
            return duration;
        } catch (IllegalArgumentException e) {
            throw bad(option + ": " + e.getMessage());
        }
    }

    private SortedMap<String, String> labels() {
        for (String name : labels.keySet()) {
            if (!LABEL.matcher(name).matches() || name.startsWith("__")) {
                throw bad("--label: '" + name + "' is not the name of a label");
            }
        }
        if (split != null && output.equals("-")) {
            throw bad("--split needs --output FILE");
        }
        return new TreeMap<>(labels);
    }

    private ParameterException bad(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private Backfill read(LoadedConfig loaded, Instant now) throws MlflowException {
        Config config = loaded.config();
        Optional<CostModel> model = loaded.costBook().map(CostModel::of);
        Supplier<Engines> engines = () -> Engines.of(config, () -> model, loaded.kpis());
        List<Glob> globs = families.stream().map(Glob::of).toList();
        Backfill.Selection selection = new Backfill.Selection(
                name -> globs.isEmpty() || globs.stream().anyMatch(glob -> glob.matches(name)), histories);
        InstantSource clock = InstantSource.system();
        Throttled lines = new Throttled(clock, LOG::info);
        try (MlflowSource source = ShardedSource.of(
                RestMlflowSource.open(config.mlflow(), new PrometheusRegistry(), clock),
                config.shard().index(),
                config.shard().total())) {
            return Backfill.read(config, source, engines, now, selection, lines);
        }
    }

    /** Passes on a line now and then. */
    private static final class Throttled implements Consumer<String> {
        private final InstantSource clock;
        private final Consumer<String> lines;
        private Instant last = Instant.MIN;

        Throttled(InstantSource clock, Consumer<String> lines) {
            this.clock = clock;
            this.lines = lines;
        }

        @Override
        public void accept(String line) {
            Instant now = clock.instant();
            if (!last.plus(BETWEEN_LINES).isAfter(now)) {
                last = now;
                lines.accept(line);
            }
        }
    }

    private static final class Progress {
        private final Throttled lines;

        Progress(InstantSource clock) {
            this.lines = new Throttled(clock, LOG::info);
        }

        void step(long done, long total) {
            lines.accept("Computed " + done + " of " + total + " times");
        }
    }
}

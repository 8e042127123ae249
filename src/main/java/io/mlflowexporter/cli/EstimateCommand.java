package io.mlflowexporter.cli;

import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.PriceList;
import io.mlflowexporter.estimate.BadQuestionException;
import io.mlflowexporter.estimate.Estimate;
import io.mlflowexporter.estimate.EstimateCsv;
import io.mlflowexporter.estimate.EstimateJson;
import io.mlflowexporter.estimate.EstimateText;
import io.mlflowexporter.estimate.Estimates;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what something would take. Exits with 0 where it could, 1 where MLflow or the exporter could not be asked, else 2. */
@Command(
        name = "estimate",
        mixinStandardHelpOptions = true,
        description =
                "Estimates what resources would cost by the cost book, and what the next run of an experiment takes by"
                        + " its history. Asks a running exporter (--exporter), or reads the cost book and MLflow itself.")
final class EstimateCommand implements Callable<Integer> {
    private static final int ANSWERED = 0;
    private static final int FAILED = 1;
    private static final int BAD_QUESTION = 2;

    private final Map<String, String> environment;
    private final InstantSource clock;

    /** How the answer is written. */
    enum Output {
        table,
        json,
        csv
    }

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Mixin
    private ExporterOptions exporter = new ExporterOptions();

    @Option(
            names = "--resource",
            paramLabel = "NAME[:COUNT]",
            description = "A resource of the cost book and how many of it; may be repeated.")
    private @Nullable List<String> resources;

    @Option(
            names = "--hours",
            paramLabel = "HOURS",
            description = "Hours each run uses it: once for all resources, or once for each in their order.")
    private @Nullable List<String> hours;

    @Option(names = "--runs", paramLabel = "N", description = "Runs, one after another. Default: 1.")
    private @Nullable String runs;

    @Option(
            names = "--at",
            paramLabel = "DATE",
            description =
                    "When prices, rates and overheads are taken: 2026-01-31 or 2026-01-31T12:00:00Z. Default: now.")
    private @Nullable String at;

    @Option(
            names = "--overhead-days",
            paramLabel = "DAYS",
            description = "For how long overheads are spent. Default: as long as the runs take.")
    private @Nullable String overheadDays;

    @Option(
            names = "--overhead-share",
            paramLabel = "SHARE",
            description = "How much of the overheads this work bears, 0 to 1. Default: 1.")
    private @Nullable String overheadShare;

    @Option(names = "--experiment", paramLabel = "NAME", description = "Experiment whose history is asked.")
    private @Nullable String experiment;

    @Option(names = "--phase", paramLabel = "PHASE", description = "Phase of it. Default: each.")
    private @Nullable String phase;

    @Option(
            names = "--workspace",
            paramLabel = "NAME",
            description = "Workspace of it or of the model, where MLflow has them.")
    private @Nullable String workspace;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "Registered model whose deployments are asked. Default: those of the experiment.")
    private @Nullable String model;

    @Option(names = "--output", paramLabel = "table|json|csv", description = "Default: ${DEFAULT-VALUE}.")
    private Output output = Output.table;

    @Spec
    private CommandSpec spec;

    /** Asks with the environment and the clock of this process. */
    EstimateCommand() {
        this(System.getenv(), InstantSource.system());
    }

    EstimateCommand(Map<String, String> environment, InstantSource clock) {
        this.environment = Map.copyOf(environment);
        this.clock = clock;
        // Replaced by picocli before the command is run.
        this.spec = CommandSpec.create();
    }

    @Override
    public Integer call() throws SettingsException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            Optional<URI> address = exporter.address();
            Estimate answer =
                    address.isPresent() ? new ExporterClient(exporter, address.get()).ask(parameters()) : ownAnswer();
            out.print(
                    switch (output) {
                        case table -> EstimateText.write(answer);
                        case json -> EstimateJson.write(answer);
                        case csv -> EstimateCsv.write(answer);
                    });
            return ANSWERED;
        } catch (BadQuestionException e) {
            e.problems().forEach(problem -> err.println(EstimateText.line(problem)));
            return BAD_QUESTION;
        } catch (NotNowException e) {
            err.println(EstimateText.line(String.valueOf(e.getMessage())));
            return FAILED;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private Estimate ownAnswer() throws SettingsException, BadQuestionException, NotNowException {
        LoadedConfig loaded = options.load(environment);
        Optional<CostModel> book = loaded.costBook().map(CostModel::of);
        Optional<PriceList> prices = book.map(CostModel::prices);
        return new Estimates(() -> prices, wanted -> new OneOffReading(loaded, book, clock).past(wanted), clock)
                .answer(parameters());
    }

    /** As they stand in the address of the exporter's page. */
    private Map<String, List<String>> parameters() {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        put(parameters, "resource", resources);
        put(parameters, "hours", hours);
        put(parameters, "runs", one(runs));
        put(parameters, "at", one(at));
        put(parameters, "overhead_days", one(overheadDays));
        put(parameters, "overhead_share", one(overheadShare));
        put(parameters, "experiment", one(experiment));
        put(parameters, "phase", one(phase));
        put(parameters, "workspace", one(workspace));
        put(parameters, "model", one(model));
        return parameters;
    }

    private static @Nullable List<String> one(@Nullable String value) {
        return value == null ? null : List.of(value);
    }

    private static void put(Map<String, List<String>> parameters, String name, @Nullable List<String> values) {
        if (values != null) {
            parameters.put(name, List.copyOf(values));
        }
    }
}

package io.mlflowexporter.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.audit.Audit;
import io.mlflowexporter.audit.AuditResult;
import io.mlflowexporter.audit.AuditResult.Difference;
import io.mlflowexporter.catalog.PhaseRules;
import io.mlflowexporter.catalog.RunsConfig.PhaseRule;
import io.mlflowexporter.cli.log.LogSetup;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.rest.MlflowRequests;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.value.Durations;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Recomputes what a running exporter says and tells every difference. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = {
            "Reads MLflow again, recomputes what can be recomputed by a second route, and reports every difference from"
                    + " what a running exporter serves. Exits with 0 if there is none, with 1 if"
                    + " there is one, with 2 after bad usage. See docs/audit.md.",
            "Example: mlflow-exporter audit --config exporter.yaml --exporter http://exporter:9818/metrics"
        })
final class AuditCommand implements Callable<Integer> {
    private static final int FOUND = 1;

    private static final String ONE_SIDED = "; runs waited or were resumed, and it is not known when (--exporter-status"
            + " tells): the time of runs and what it costs were only held to be no more than MLflow's clocks say";

    /** How the result is written. */
    enum Output {
        TEXT,
        JSON
    }

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Mixin
    private ExporterOptions exporter = new ExporterOptions();

    @Option(
            names = "--exporter-status",
            paramLabel = "URL",
            description =
                    "The same exporter's status page, such as http://127.0.0.1:9819. The audit asks there when runs waited"
                            + " or were resumed, which MLflow does not keep; without it the time of runs and what it"
                            + " costs are only held to be no more than MLflow's clocks say, if there are such runs.")
    private @Nullable URI status;

    @Option(names = "--output", paramLabel = "text|json", description = "How it is told. Default: text.")
    private Output output = Output.TEXT;

    @Option(
            names = "--runs-csv",
            paramLabel = "FILE",
            description = "Write what each run has cost by now, a line for each price it paid.")
    private @Nullable Path runsCsv;

    @Option(
            names = "--attempts",
            paramLabel = "N",
            description =
                    "A difference counts if it is found in so many snapshots one after the other: what changes while"
                            + " it is read is none. Default: ${DEFAULT-VALUE}.")
    private int attempts = 2;

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            description = "Longest time to wait for the next snapshot. Default: ${DEFAULT-VALUE}.")
    private String wait = "5m";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws SettingsException, MlflowException, IOException {
        Duration patience = patience();
        LoadedConfig loaded = options.load(System.getenv());
        LogSetup.install(loaded.config().log());
        check(loaded.config());
        Optional<URI> address = exporter.address();
        if (runsCsv == null && address.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--exporter URL or --runs-csv FILE must be given");
        }
        Optional<URI> observed = Optional.ofNullable(status).map(it -> exporter.checked("--exporter-status", it));
        if (observed.isPresent() && address.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--exporter-status is for --exporter");
        }
        InstantSource clock = InstantSource.system();
        MlflowRequests mlflow = MlflowRequests.open(loaded.config().mlflow(), clock);
        Audit audit = new Audit(loaded, mlflow::tracking, mlflow::registry, phases(loaded.config()), clock);
        if (runsCsv != null) {
            try (Writer csv = new OutputStreamWriter(NamedFile.open(runsCsv), StandardCharsets.UTF_8)) {
                audit.write(csv);
            }
        }
        return address.isPresent()
                ? audited(audit, new ExporterScrapes(exporter, address.get(), observed), patience)
                : 0;
    }

    private Duration patience() {
        try {
            return Durations.parse(wait);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--wait: " + e.getMessage(), e);
        }
    }

    /** What this route cannot tell must not be passed off as a difference. */
    private void check(Config config) {
        String reason = config.shard().total() > 1
                ? "of several shards; audit an exporter that reads everything"
                : config.read().maxRuns().isPresent()
                        ? "with read.max_runs; unset it"
                        : config.mlflow().workspaces().isEmpty() ? "" : "with workspaces";
        if (!reason.isEmpty() || attempts < 1) {
            throw new ParameterException(
                    spec.commandLine(), reason.isEmpty() ? "--attempts must be at least 1" : "cannot audit " + reason);
        }
    }

    private static List<PhaseRule> phases(Config config) {
        List<PhaseRule> rules = new ArrayList<>(config.runs().phases());
        if (rules.isEmpty() || config.runs().phasesAppendDefaults()) {
            rules.addAll(PhaseRules.defaults());
        }
        return rules;
    }

    private int audited(Audit audit, ExporterScrapes scrapes, Duration patience) throws IOException {
        ExporterScrapes.Taken taken = scrapes.take();
        AuditResult result = audit.check(taken.scrape(), taken.observed());
        for (int i = 1; i < attempts && !result.differences().isEmpty(); i++) {
            AuditResult before = result;
            taken = scrapes.next(patience);
            AuditResult next = audit.check(taken.scrape(), taken.observed());
            Set<String> again =
                    before.differences().stream().map(Difference::series).collect(Collectors.toSet());
            result = new AuditResult(
                    next.snapshot(),
                    next.series(),
                    next.runs(),
                    next.countersEqual(),
                    next.timesKnown(),
                    next.differences().stream()
                            .filter(found -> again.contains(found.series()))
                            .toList());
        }
        tell(result);
        return result.differences().isEmpty() ? 0 : FOUND;
    }

    private void tell(AuditResult result) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (output == Output.JSON) {
            ObjectNode root = JsonMapper.builder().build().createObjectNode();
            root.put("snapshot", result.snapshot().toString())
                    .put("series", result.series())
                    .put("runs", result.runs())
                    .put("counters", result.countersEqual() ? "equal" : "at_least")
                    .put("times", result.timesKnown() ? "equal" : "at_most");
            result.differences()
                    .forEach(found -> root.withArray("differences")
                            .addObject()
                            .put("kind", found.kind())
                            .put("series", found.series())
                            .put("exporter", found.exporter())
                            .put("mlflow", found.mlflow()));
            root.withArray("differences");
            out.println(root.toPrettyString());
        } else {
            result.differences()
                    .forEach(found -> out.println(found.series() + ": the exporter says " + found.exporter()
                            + ", MLflow makes it " + found.mlflow()));
            out.println(result.differences().size() + " differences in " + result.series() + " series of "
                    + result.runs() + " runs, as of " + result.snapshot()
                    + (result.countersEqual()
                            ? ""
                            : "; counters and sums of the past may say more than MLflow still holds, and were not taken for wrong then")
                    + (result.timesKnown() ? "" : ONE_SIDED));
        }
        out.flush();
    }
}

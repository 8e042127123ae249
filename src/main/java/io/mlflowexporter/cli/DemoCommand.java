package io.mlflowexporter.cli;

import io.mlflowexporter.cli.log.LogSetup;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.DemoKpis;
import io.mlflowexporter.demo.life.DemoPricingFile;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.value.ListenAddress;
import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves the metrics of a simulated MLflow server. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Starts a simulated MLflow server with a living history, reads it and serves its metrics.")
final class DemoCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Option(
            names = "--seed",
            description =
                    "Determines the simulated history, together with the hour of the start. Default: ${DEFAULT-VALUE}.")
    private long seed = 7;

    @Option(names = "--runs", description = "Runs in the simulated history, about. Default: ${DEFAULT-VALUE}.")
    private int runs = 600;

    @Option(names = "--speed", description = "Simulated seconds per second. Default: ${DEFAULT-VALUE}.")
    private double speed = 1;

    @Option(
            names = "--mlflow-listen",
            paramLabel = "HOST:PORT",
            description = "Where the simulated MLflow listens. Default: a free port on loopback.")
    private String mlflowListen = "127.0.0.1:0";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws SettingsException, IOException, MlflowException {
        // Checked before the history is made, so that a mistake shows at once.
        Config checked = options.load(Map.of()).config();
        LogSetup.install(checked.log());
        SimulatedMlflow mlflow = start(simulation());
        Map<String, String> preset = new HashMap<>();
        preset.put("mlflow.tracking_uri", mlflow.uri().toString());
        preset.put("refresh.interval", "10s");
        if (checked.cost().file().isEmpty()) {
            preset.put(
                    "cost.file",
                    DemoPricingFile.file(LocalDate.now(ZoneOffset.UTC)).toString());
        }
        if (checked.kpi().file().isEmpty()) {
            preset.put("kpi.file", DemoKpis.file().toString());
        }
        // The environment may name a real server and its credentials: none of that is for the demo.
        Exporter.run(options.load(Map.of(), preset), List.of(mlflow));
        return 0;
    }

    private SimulatedMlflow start(SimulationOptions simulation) throws IOException {
        try {
            return SimulatedMlflow.start(simulation);
        } catch (IOException e) {
            throw new IOException(
                    "cannot serve the simulated MLflow on " + mlflowListen + ": " + e.getMessage()
                            + "; choose another --mlflow-listen",
                    e);
        }
    }

    private SimulationOptions simulation() {
        try {
            ListenAddress listen = ListenAddress.of(mlflowListen);
            if (!listen.enabled()) {
                throw new IllegalArgumentException("the simulated MLflow must listen somewhere");
            }
            return SimulationOptions.defaults()
                    .withSeed(seed)
                    .withRuns(runs)
                    .withSpeed(speed)
                    .withListen(listen.host(), listen.port());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}

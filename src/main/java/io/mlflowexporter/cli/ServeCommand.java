package io.mlflowexporter.cli;

import io.mlflowexporter.cli.log.LogSetup;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Reads an MLflow server and serves its metrics. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = "Reads an MLflow server on an interval and serves its metrics. The default command.")
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Override
    public Integer call() throws SettingsException, IOException, MlflowException {
        LoadedConfig loaded = options.load(System.getenv());
        LogSetup.install(loaded.config().log());
        Logger log = LoggerFactory.getLogger(ServeCommand.class);
        loaded.warnings().forEach(warning -> log.warn("{}", warning));
        loaded.costBook().ifPresent(book -> book.warnings().forEach(warning -> log.warn("{}", warning)));
        Exporter.run(loaded, List.of());
        return 0;
    }
}

package io.mlflowexporter.cli;

import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.access.WebConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Asks the exporter that runs with this configuration on this machine whether it answers; for containers and scripts that
 * have no HTTP client. Exits with 0 if it does, else with 1.
 */
@Command(
        name = "health",
        mixinStandardHelpOptions = true,
        description = "Asks the exporter running on this machine with the same configuration whether it answers."
                + " Exits with 0 if it does, else with 1.")
final class HealthCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Finds the listeners with the environment of this process. */
    HealthCommand() {
        this(System.getenv());
    }

    HealthCommand(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    @Override
    public Integer call() throws SettingsException, IOException {
        WebConfig web = options.listeners(environment);
        // One of them is on, or the exporter would not have started.
        String answer =
                web.webListen().enabled() ? ask(web.webListen(), "/healthz") : ask(web.metricsListen(), "/-/healthy");
        PrintWriter out = spec.commandLine().getOut();
        out.println(answer);
        out.flush();
        return 0;
    }

    private static String ask(ListenAddress listen, String path) throws IOException {
        if (listen.port() == 0) {
            throw new IOException("port 0 stands for any free one, which only the exporter's log names;"
                    + " give the listener a port of its own");
        }
        return HealthProbe.ask(listen.host(), listen.port(), path);
    }
}

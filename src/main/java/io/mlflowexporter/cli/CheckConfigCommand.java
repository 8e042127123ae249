package io.mlflowexporter.cli;

import io.mlflowexporter.config.ConfigYaml;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.cost.pricing.LoadedPricingFile;
import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says everything that is wrong with a configuration; exits with 0 if nothing is, else with 2. */
@Command(
        name = "check-config",
        mixinStandardHelpOptions = true,
        description = "Checks the configuration and lists every problem. Exits with 0 if it is valid, else with 2.")
final class CheckConfigCommand implements Callable<Integer> {
    private static final int VALID = 0;
    private static final int INVALID = 2;

    private final Map<String, String> environment;

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Option(
            names = "--show",
            description = "Print the effective configuration as YAML, with the source of each setting, secrets masked.")
    private boolean show;

    @Spec
    private CommandSpec spec;

    /** Checks with the environment of this process. */
    CheckConfigCommand() {
        this(System.getenv());
    }

    CheckConfigCommand(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
        // Replaced by picocli before the command is run.
        this.spec = CommandSpec.create();
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        String subject = options.file().map(Object::toString).orElse("configuration without a file");
        try {
            LoadedConfig loaded = options.load(environment);
            loaded.warnings().forEach(warning -> err.println("warning: " + warning));
            loaded.costBook()
                    .map(LoadedPricingFile::warnings)
                    .orElse(List.of())
                    .forEach(warning -> err.println("warning: " + warning));
            if (show) {
                out.println("# Effective configuration; secrets are masked as ********.");
                out.print(ConfigYaml.write(loaded));
                loaded.costBook().ifPresent(book -> out.println("# Cost book read: " + book(book)));
            } else {
                out.println(subject + ": OK" + count(loaded.warnings().size(), "warning"));
                loaded.costBook().ifPresent(book -> out.println(book(book)));
                loaded.webFiles().all().forEach(file -> out.println(file.file() + ": OK; " + file.summary()));
            }
            return VALID;
        } catch (SettingsException e) {
            for (Problem problem : e.problems()) {
                err.println(problem);
            }
            err.println(subject + ": not valid" + count(e.problems().size(), "problem"));
            return INVALID;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private static String book(LoadedPricingFile book) {
        return book.file() + ": OK" + count(book.warnings().size(), "warning") + "; " + book.summary();
    }

    private static String count(int number, String noun) {
        return number == 0 ? "" : ", " + number + " " + noun + (number == 1 ? "" : "s");
    }
}

package io.mlflowexporter.cli;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. Exit codes: 0 fine, 1 failed, 2 bad usage or configuration. */
@Command(
        name = "mlflow-exporter",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Prometheus exporter for what an MLflow server has been costing and delivering."
                + " Without a command it is `serve`; see `serve --help` for its options.",
        subcommands = {
            ServeCommand.class,
            DemoCommand.class,
            CheckConfigCommand.class,
            EstimateCommand.class,
            BackfillCommand.class,
            AuditCommand.class,
            HealthCommand.class
        })
public final class Main implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int BAD_USAGE = 2;
    private static final String DEFAULT_COMMAND = "serve";

    private Main() {}

    /** Runs a command and exits. */
    public static void main(String[] args) {
        int code = run(new CommandLine(new Main()), args);
        if (code != 0) {
            System.exit(code);
        }
    }

    static int run(CommandLine commands, String... args) {
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        commands.setExecutionExceptionHandler((failure, command, parsed) -> told(failure, command.getErr()));
        return commands.execute(withDefault(commands, args));
    }

    /** Without a command it is {@code serve}, whose options may stand alone. */
    private static String[] withDefault(CommandLine commands, String... args) {
        String first = args.length == 0 ? "" : args[0];
        boolean own = first.equals("-h")
                || first.equals("--help")
                || first.equals("-V")
                || first.equals("--version")
                || commands.getSubcommands().containsKey(first);
        if (own || !(first.isEmpty() || first.startsWith("-"))) {
            return args;
        }
        String[] all = new String[args.length + 1];
        all[0] = DEFAULT_COMMAND;
        System.arraycopy(args, 0, all, 1, args.length);
        return all;
    }

    private static int told(Exception failure, PrintWriter err) {
        if (failure instanceof SettingsException config) {
            config.problems().stream().map(Problem::toString).forEach(err::println);
            err.println("The configuration is not valid; see docs/configuration.md, or run check-config.");
        } else if (failure instanceof IOException || failure instanceof MlflowException) {
            err.println(failure.getMessage());
        } else {
            err.println("Internal error, please report it: " + failure + " at "
                    + Arrays.stream(failure.getStackTrace())
                            .findFirst()
                            .map(Object::toString)
                            .orElse("?"));
        }
        err.flush();
        return failure instanceof SettingsException ? BAD_USAGE : FAILED;
    }

    @Override
    public Integer call() {
        throw new IllegalStateException("the default command is put in before");
    }

    /** What {@code --version} prints. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            BuildInfo build = BuildInfo.read();
            return new String[] {"mlflow-exporter " + build.version() + " (" + build.revision() + ")"};
        }
    }
}

package io.mlflowexporter.config;

import io.mlflowexporter.cost.pricing.LoadedPricingFile;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.kpi.KpiFileLoader;
import io.mlflowexporter.settings.Binder;
import io.mlflowexporter.settings.NodeReader;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Overrides;
import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.SettingChecks;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.SettingsSchema;
import io.mlflowexporter.settings.YamlFile;
import io.mlflowexporter.settings.value.Quoted;
import io.mlflowexporter.web.access.LoadedWebFile;
import io.mlflowexporter.web.access.WebConfig;
import io.mlflowexporter.web.access.WebFileLoader;
import io.mlflowexporter.web.access.WebFiles;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Loads the configuration. Flags are stronger than environment variables, those than the file, and the file than the
 * defaults; of variables the exporter's own, {@code MLFLOW_EXPORTER_…}, are stronger than MLflow's.
 */
public final class ConfigLoader {
    /** The settings there are. */
    public static final SettingsSchema SCHEMA = SettingsSchema.of(Config.class);

    private ConfigLoader() {}

    /**
     * Loads, binds and checks.
     *
     * @param file the configuration file; empty to do without
     * @param environment every variable; those of other programs are passed over
     * @param flags setting, such as {@code refresh.interval}, to the text given for it
     * @throws SettingsException with every problem there is
     * @throws IllegalArgumentException if a flag is for a setting that does not exist or that text cannot set
     */
    public static LoadedConfig load(Optional<Path> file, Map<String, String> environment, Map<String, String> flags)
            throws SettingsException {
        Problems problems = new Problems();
        Optional<Node> root = file.flatMap(path -> YamlFile.read(path, problems));
        boolean readable = problems.errorCount() == 0;
        Binder binder = binder(file, environment, flags, problems);
        Config config = binder.bind(Config.class, root);
        if (readable) {
            ConfigChecks.check(config, new SettingChecks(binder, problems));
        }
        List<Problem> errors = new ArrayList<>(problems.errors());
        Optional<LoadedPricingFile> costBook = costBook(config, errors);
        KpiFile kpis = kpis(config, errors);
        WebFiles webFiles = webFiles(config.web(), errors);
        if (errors.isEmpty()) {
            gone(config, costBook, webFiles).ifPresent(errors::add);
        }
        if (!errors.isEmpty()) {
            throw new SettingsException(errors);
        }
        List<Problem> warnings = new ArrayList<>(problems.warnings());
        webFiles.all().forEach(webFile -> warnings.addAll(webFile.warnings()));
        List<LoadedConfig.Entry> entries = new ArrayList<>();
        entries(config, "", binder.origins(), entries);
        return new LoadedConfig(config, costBook, kpis, webFiles, entries, warnings);
    }

    /**
     * Loads the listeners alone, to ask a process that runs with them. What is wrong elsewhere, such as in the cost book, may
     * have been written since that process started, and is no reason not to ask it.
     *
     * @throws SettingsException if the file cannot be read, or not said where the listeners are
     */
    public static WebConfig listeners(Optional<Path> file, Map<String, String> environment, Map<String, String> flags)
            throws SettingsException {
        Problems problems = new Problems();
        Optional<Node> root = file.flatMap(path -> YamlFile.read(path, problems));
        boolean readable = problems.errorCount() == 0;
        Binder binder = binder(file, environment, flags, problems);
        WebConfig web = binder.bind(Config.class, root).web();
        List<String> listeners = List.of("web.metrics_listen", "web.web_listen");
        if (!readable || listeners.stream().anyMatch(binder.broken()::contains)) {
            throw new SettingsException(problems.errors());
        }
        return web;
    }

    private static Binder binder(
            Optional<Path> file, Map<String, String> environment, Map<String, String> flags, Problems problems) {
        NodeReader nodes = file.map(path -> NodeReader.of(path, Config.class, problems))
                .orElseGet(() -> new NodeReader("", Path.of(""), Config.class, problems));
        return new Binder(nodes, Overrides.of(SCHEMA, environment, flags, Flags.BY_SETTING, problems), problems);
    }

    /** What holds when nothing is configured. */
    public static Config defaults() {
        try {
            return load(Optional.empty(), Map.of(), Map.of()).config();
        } catch (SettingsException e) {
            throw new IllegalStateException("the defaults are not valid", e);
        }
    }

    /** A file that went away between its check and its reading: to start without it could be to start without passwords. */
    private static Optional<Problem> gone(Config config, Optional<LoadedPricingFile> costBook, WebFiles webFiles) {
        WebConfig web = config.web();
        return Stream.of(
                        config.cost().file().filter(file -> costBook.isEmpty()),
                        web.metricsSecurity()
                                .filter(file -> web.metricsListen().enabled())
                                .filter(file -> webFiles.metrics().isEmpty()),
                        web.webSecurity()
                                .filter(file -> web.webListen().enabled())
                                .filter(file -> webFiles.web().isEmpty()))
                .flatMap(Optional::stream)
                .findFirst()
                .map(file -> new Problem(file.toString(), "", "cannot be read"));
    }

    /** The book is read even where other settings are wrong, so that all its problems are told with theirs. */
    private static Optional<LoadedPricingFile> costBook(Config config, List<Problem> errors) {
        Optional<Path> file = config.cost().file().filter(Files::isRegularFile).filter(Files::isReadable);
        try {
            return file.isPresent() ? Optional.of(PricingFileLoader.load(file.get())) : Optional.empty();
        } catch (SettingsException e) {
            errors.addAll(e.problems());
            return Optional.empty();
        }
    }

    private static KpiFile kpis(Config config, List<Problem> errors) {
        Optional<Path> file = config.kpi().file().filter(Files::isRegularFile).filter(Files::isReadable);
        try {
            return file.isPresent() ? KpiFileLoader.load(file.get()) : KpiFile.EMPTY;
        } catch (SettingsException e) {
            errors.addAll(e.problems());
            return KpiFile.EMPTY;
        }
    }

    private static WebFiles webFiles(WebConfig web, List<Problem> errors) {
        Optional<LoadedWebFile> metrics =
                web.metricsListen().enabled() ? webFile(web.metricsSecurity(), errors) : Optional.empty();
        boolean same = metrics.isPresent() && web.webSecurity().equals(web.metricsSecurity());
        Optional<LoadedWebFile> people = same ? metrics : webFile(web.webSecurity(), errors);
        return new WebFiles(metrics, web.webListen().enabled() ? people : Optional.empty());
    }

    private static Optional<LoadedWebFile> webFile(Optional<Path> file, List<Problem> errors) {
        Optional<Path> readable = file.filter(Files::isRegularFile).filter(Files::isReadable);
        try {
            return readable.isPresent()
                    ? Optional.of(WebFileLoader.load(readable.get(), InstantSource.system()))
                    : Optional.empty();
        } catch (SettingsException e) {
            e.problems().stream().filter(problem -> !errors.contains(problem)).forEach(errors::add);
            return Optional.empty();
        }
    }

    private static void entries(
            Object section, String prefix, Map<String, Origin> origins, List<LoadedConfig.Entry> entries) {
        for (RecordComponent component : section.getClass().getRecordComponents()) {
            String path = prefix + SettingsSchema.key(component);
            Object value = ConfigYaml.get(section, component);
            if (SettingsSchema.isSection(component.getGenericType())) {
                entries(value, path + ".", origins, entries);
            } else {
                boolean secret = SettingsSchema.setting(component).secret();
                String source = String.valueOf(origins.getOrDefault(path, Origin.DEFAULT));
                String shown = ConfigYaml.flow(value, secret);
                entries.add(new LoadedConfig.Entry(path, shown, source, shown.contains(Quoted.MASK)));
            }
        }
    }
}

package io.mlflowexporter.web.access;

import io.mlflowexporter.settings.Binder;
import io.mlflowexporter.settings.NodeReader;
import io.mlflowexporter.settings.Overrides;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.YamlFile;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/** Loads a web configuration file, and the certificates and keys it names. */
public final class WebFileLoader {
    private WebFileLoader() {}

    /**
     * Loads, binds and checks. An empty file is refused, as it is what a write that failed leaves behind, and would open
     * the listeners to everyone; <code>{}</code> asks for nothing.
     *
     * @param clock by which certificates are out of date
     * @throws SettingsException with every problem there is, each with its file and line
     */
    public static LoadedWebFile load(Path file, InstantSource clock) throws SettingsException {
        Problems problems = new Problems();
        Optional<Node> root = YamlFile.reread(
                file,
                "is empty, which would open the listeners to everyone; write {} if that is what you want",
                problems);
        boolean readable = problems.errorCount() == 0;
        Binder binder = new Binder(NodeReader.of(file, WebFile.class, problems), Overrides.NONE, problems);
        WebFile config = binder.bind(WebFile.class, root);
        Optional<TlsMaterial> tls = Optional.empty();
        if (readable) {
            WebFileChecks.check(config, binder, problems);
            tls = TlsServerChecks.check(config.tlsServerConfig(), binder, clock.instant(), problems);
        }
        problems.check();
        return new LoadedWebFile(file, config, tls, problems.warnings());
    }
}

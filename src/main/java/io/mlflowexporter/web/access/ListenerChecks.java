package io.mlflowexporter.web.access;

import io.mlflowexporter.settings.FileChecks;
import io.mlflowexporter.settings.SettingChecks;
import io.mlflowexporter.settings.value.ListenAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What must hold between the settings of the listeners. */
public final class ListenerChecks {
    private static final String METRICS_LISTEN = "web.metrics_listen";
    private static final String WEB_LISTEN = "web.web_listen";
    private static final String CONFIG_FILE = "web.config_file";
    private static final String METRICS_CONFIG_FILE = "web.metrics_config_file";
    private static final String WEB_CONFIG_FILE = "web.web_config_file";
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");
    private static final Set<String> ANY_ADDRESS = Set.of("0.0.0.0", "::", "[::]");

    private ListenerChecks() {}

    /** Adds what is wrong. */
    public static void check(WebConfig web, SettingChecks checks) {
        listeners(web, checks);
        file(CONFIG_FILE, web.configFile(), web, checks);
        file(METRICS_CONFIG_FILE, web.metricsConfigFile(), web, checks);
        file(WEB_CONFIG_FILE, web.webConfigFile(), web, checks);
    }

    private static void listeners(WebConfig web, SettingChecks checks) {
        ListenAddress metrics = web.metricsListen();
        ListenAddress people = web.webListen();
        if (!checks.sound(METRICS_LISTEN, WEB_LISTEN)) {
            return;
        }
        if (web.reload() && !people.enabled()) {
            checks.warn("web.reload", "is on, but " + WEB_LISTEN + " is off: there is nowhere to ask for a reload");
        }
        if (!metrics.enabled() && !people.enabled()) {
            checks.error(METRICS_LISTEN, "is off, and so is " + WEB_LISTEN + ": nothing would be served");
        }
        if (metrics.enabled() && metrics.port() != 0 && metrics.port() == people.port() && overlap(metrics, people)) {
            checks.error(
                    checks.strongest(METRICS_LISTEN, WEB_LISTEN),
                    checks.given(METRICS_LISTEN, metrics) + " takes the same port as "
                            + checks.given(WEB_LISTEN, people));
        }
    }

    private static void file(String path, Optional<Path> file, WebConfig web, SettingChecks checks) {
        FileChecks.required(path, file, checks.stand(path), checks.problems());
        boolean off = path.equals(METRICS_CONFIG_FILE)
                ? !web.metricsListen().enabled()
                : path.equals(WEB_CONFIG_FILE) && !web.webListen().enabled();
        if (off && file.isPresent()) {
            checks.warn(path, "is not used: the listener it is for is off");
        }
    }

    /** Two addresses that differ can share a port; of names it is not known without looking them up. */
    private static boolean overlap(ListenAddress a, ListenAddress b) {
        boolean two = ADDRESS.matcher(a.host()).matches()
                && ADDRESS.matcher(b.host()).matches()
                && !a.host().equals(b.host());
        return !two || ANY_ADDRESS.contains(a.host()) || ANY_ADDRESS.contains(b.host());
    }
}

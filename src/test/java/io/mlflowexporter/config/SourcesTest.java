package io.mlflowexporter.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which source wins, and how addresses and paths are read. */
final class SourcesTest {
    private static final String URI_SETTING = "mlflow.tracking_uri";

    @TempDir
    private Path directory;

    private LoadedConfig load(Map<String, String> environment) throws SettingsException {
        return ConfigLoader.load(Optional.empty(), environment, Map.of());
    }

    private static String source(LoadedConfig loaded, String path) {
        return loaded.entries().stream()
                .filter(entry -> entry.path().equals(path))
                .findFirst()
                .orElseThrow()
                .source();
    }

    @Test
    void flagsBeatVariablesBeatTheFile() throws Exception {
        Path file = Files.writeString(directory.resolve("c.yaml"), "mlflow:\n  tracking_uri: http://file\n");
        Map<String, String> mlflows = Map.of("MLFLOW_TRACKING_URI", "http://mlflow");
        Map<String, String> both =
                Map.of("MLFLOW_TRACKING_URI", "http://mlflow", "MLFLOW_EXPORTER_MLFLOW_TRACKING_URI", "http://own");
        Map<String, String> flag = Map.of(URI_SETTING, "http://flag");

        assertThat(source(load(Map.of()), URI_SETTING)).isEqualTo("default");
        assertWinner(ConfigLoader.load(Optional.of(file), Map.of(), Map.of()), "http://file", file + ":2");
        assertWinner(ConfigLoader.load(Optional.of(file), mlflows, Map.of()), "http://mlflow", "MLFLOW_TRACKING_URI");
        assertWinner(
                ConfigLoader.load(Optional.of(file), both, Map.of()),
                "http://own",
                "MLFLOW_EXPORTER_MLFLOW_TRACKING_URI");
        assertWinner(ConfigLoader.load(Optional.of(file), both, flag), "http://flag", "--mlflow.tracking-uri");
    }

    private static void assertWinner(LoadedConfig loaded, String uri, String source) {
        assertThat(loaded.config().mlflow().trackingUri().uri()).isEqualTo(URI.create(uri));
        assertThat(source(loaded, URI_SETTING)).isEqualTo(source);
    }

    @Test
    void anEmptyVariableIsUnset() throws SettingsException {
        LoadedConfig loaded = load(Map.of(
                "MLFLOW_TRACKING_URI", "", "MLFLOW_EXPORTER_REFRESH_INTERVAL", "", "MLFLOW_EXPORTER_NONSENSE", ""));
        assertThat(loaded.config()).isEqualTo(ConfigLoader.defaults());
    }

    @Test
    void aRetiredSettingChangesNothingAndIsWarnedOf() throws Exception {
        Path file = Files.writeString(directory.resolve("c.yaml"), "refresh:\n  sweep_runs: 40\n");
        Map<String, String> variable = Map.of("MLFLOW_EXPORTER_REFRESH_SWEEP_RUNS", "500");

        LoadedConfig loaded = ConfigLoader.load(Optional.of(file), variable, Map.of());

        assertThat(loaded.config()).isEqualTo(ConfigLoader.defaults());
        assertThat(loaded.warnings().stream().map(Problem::toString))
                .hasSize(2)
                .allMatch(warning -> warning.contains("refresh.sweep_runs: has no effect any more")
                        && warning.contains("refresh.resync_share"))
                .anyMatch(warning -> warning.contains("c.yaml:2"))
                .anyMatch(warning -> warning.contains("MLFLOW_EXPORTER_REFRESH_SWEEP_RUNS"));
    }

    @Test
    void aVariableOfMlflowsOwnThatDoesNotCountIsNotJudged() throws SettingsException {
        LoadedConfig loaded = ConfigLoader.load(
                Optional.empty(),
                Map.of("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db"),
                Map.of(URI_SETTING, "http://flag"));
        assertThat(loaded.config().mlflow().trackingUri().uri()).isEqualTo(URI.create("http://flag"));
    }

    @Test
    void kubernetesVariablesForAServiceOfOurNameAreNone() throws SettingsException {
        LoadedConfig loaded = load(Map.of(
                "MLFLOW_EXPORTER_SERVICE_HOST", "10.0.0.1",
                "MLFLOW_EXPORTER_SERVICE_PORT", "9818",
                "MLFLOW_EXPORTER_SERVICE_PORT_METRICS", "9818",
                "MLFLOW_EXPORTER_PORT", "tcp://10.0.0.1:9818",
                "MLFLOW_EXPORTER_PORT_9818_TCP", "tcp://10.0.0.1:9818",
                "MLFLOW_EXPORTER_PORT_9818_TCP_PROTO", "tcp",
                "MLFLOW_EXPORTER_PORT_9818_TCP_ADDR", "10.0.0.1",
                "MLFLOW_EXPORTER_WEB_SERVICE_HOST", "10.0.0.1"));
        assertThat(loaded.config()).isEqualTo(ConfigLoader.defaults());
        assertThatThrownBy(() -> load(Map.of("MLFLOW_EXPORTER_WEB_PORT", "9819")))
                .hasMessageStartingWith("MLFLOW_EXPORTER_WEB_PORT: unknown variable");
    }

    @Test
    void listsOfSectionsAreForTheFile() {
        assertThatThrownBy(() -> load(Map.of("MLFLOW_EXPORTER_RUNS_PHASES", "x")))
                .hasMessage("MLFLOW_EXPORTER_RUNS_PHASES: runs.phases: can only be set in the configuration file");
    }

    @ParameterizedTest
    @CsvSource({"true,true", "True,true", "1,true", "false,false", "FALSE,false", "0,false"})
    void booleansInVariablesAreReadAsMlflowReadsThem(String text, boolean expected) throws SettingsException {
        LoadedConfig loaded = load(Map.of("MLFLOW_TRACKING_INSECURE_TLS", text));
        assertThat(loaded.config().mlflow().tls().insecure()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "http://host:5000/,http://host:5000",
        "https://host/prefix///,https://host/prefix",
        "http://[::1]:5000,http://[::1]:5000",
        "HTTP://host,HTTP://host",
        "http://bob:p%40ss@host,http://bob:p%40ss@host",
        "databricks,databricks",
        "databricks://,databricks",
        "databricks://prod,databricks://prod",
    })
    void addressesOfServersAreRead(String text, String expected) throws SettingsException {
        LoadedConfig loaded = load(Map.of("MLFLOW_TRACKING_URI", text));
        assertThat(loaded.config().mlflow().trackingUri().uri()).isEqualTo(URI.create(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///tmp/mlruns",
                "./mlruns",
                "/data/mlruns",
                "sqlite:///mlflow.db",
                "mysql+pymysql://u:hunter2@h/db",
                "postgresql://u:hunter2@h/db"
            })
    void aStoreIsNoServer(String text) {
        assertThatThrownBy(() -> load(Map.of("MLFLOW_TRACKING_URI", text)))
                .hasMessageContaining("start one with `mlflow server --backend-store-uri")
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "localhost:5000|\"localhost:5000\" has no scheme; write \"http://localhost:5000\"",
                "127.0.0.1:5000/x|has no scheme; write \"http://127.0.0.1:5000/x\"",
                "http://|\"http://\" is not a valid address",
                "http:///x|\"http:///x\" has no host",
                "http://ml_flow:5000|has a host name with `_`, which HTTP does not allow",
                "http://h:70000|has a port outside 1 to 65535",
                "http://h?token=hunter2|\"http://h\" has a query or fragment",
                "ftp://h|\"ftp://h\" is not the address of an MLflow server",
                "http://bob:hun ter2@h|\"http://********@h\" is not a valid address",
                "http://bob:hun?ter2@h|\"http://********@h\"",
                "bob:hunter2@h|\"********@h\"",
            })
    void whatIsNoAddressIsToldWithoutCredentials(String text, String expected) {
        assertThatThrownBy(() -> load(Map.of("MLFLOW_TRACKING_URI", text)))
                .hasMessageContaining(expected)
                .hasMessageNotContaining("ter2");
    }

    @Test
    void pathsInTheFileAreRelativeToIt() throws IOException, SettingsException {
        Files.writeString(directory.resolve("ca.pem"), "");
        Path file = Files.writeString(directory.resolve("c.yaml"), "mlflow: {tls: {ca_file: ./ca.pem}}\n");
        LoadedConfig loaded = ConfigLoader.load(Optional.of(file), Map.of(), Map.of());
        assertThat(loaded.config().mlflow().tls().caFile()).contains(directory.resolve("ca.pem"));
    }

    @Test
    void theMaskIsNotTakenForTheSecretSilently() throws SettingsException {
        LoadedConfig loaded = load(Map.of("MLFLOW_TRACKING_TOKEN", "********"));
        assertThat(loaded.warnings())
                .hasToString("[MLFLOW_TRACKING_TOKEN: mlflow.auth.token: is the mask that check-config --show prints,"
                        + " not the secret itself]");
    }

    @Test
    void credentialsStandInOnePlace() {
        assertThatThrownBy(() ->
                        load(Map.of("MLFLOW_TRACKING_URI", "http://bob:hunter2@h", "MLFLOW_TRACKING_TOKEN", "hunter3")))
                .hasMessage("MLFLOW_TRACKING_TOKEN: mlflow.auth.token: is set, and mlflow.tracking_uri"
                        + " (MLFLOW_TRACKING_URI) has credentials in it too; give one of the two");
        assertThatThrownBy(() -> load(Map.of("MLFLOW_TRACKING_USERNAME", "bob")))
                .hasMessage("MLFLOW_TRACKING_USERNAME: mlflow.auth.username: is set without mlflow.auth.password or"
                        + " mlflow.auth.password_file");
    }

    @Test
    void aFlagForNothingIsAProgrammingError() {
        assertThatThrownBy(() -> ConfigLoader.load(Optional.empty(), Map.of(), Map.of("no.such", "1")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

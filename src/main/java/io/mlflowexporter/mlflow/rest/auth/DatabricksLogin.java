package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.tls.SmallFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What Databricks' variables or a profile of its configuration file say. Names and meaning are those of Databricks'
 * SDKs: a profile that is named in the address counts alone; else the variables, if they name a host; else the profile
 * {@code DATABRICKS_CONFIG_PROFILE} or {@code DEFAULT}. A profile without credentials takes those of the variables.
 */
record DatabricksLogin(
        URI host,
        Optional<String> token,
        Optional<String> username,
        Optional<String> password,
        Optional<String> clientId,
        Optional<String> clientSecret) {
    private static final String HOST = "host";

    /**
     * Reads it as it is now.
     *
     * @param profile named in the address
     * @throws MlflowException if there is none or it is not whole, with a line for the user
     */
    static DatabricksLogin read(Optional<String> profile, Map<String, String> environment) throws MlflowException {
        Map<String, String> variables = new HashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith("DATABRICKS_") && !value.isBlank()) {
                variables.put(name.substring("DATABRICKS_".length()).toLowerCase(Locale.ROOT), value.strip());
            }
        });
        if (profile.isEmpty() && variables.containsKey(HOST)) {
            return of(variables, "the variables DATABRICKS_…");
        }
        String name = profile.orElse(variables.getOrDefault("config_profile", "DEFAULT"));
        Path file = variables.containsKey("config_file")
                ? Path.of(variables.get("config_file"))
                : Path.of(System.getProperty("user.home", ""), ".databrickscfg");
        Map<String, String> values = section(file, name);
        String from = "the profile " + name + " in " + file;
        if (!values.containsKey("token") && !values.containsKey("username") && !values.containsKey("client_id")) {
            variables.forEach((key, value) -> {
                if (!key.equals(HOST)) {
                    values.put(key, value);
                }
            });
        }
        return of(values, from);
    }

    private static Map<String, String> section(Path file, String name) throws MlflowException {
        String text;
        try {
            text = new String(SmallFiles.read(file, 1 << 20), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new MlflowException(
                    Kind.UNAUTHORIZED,
                    "cannot use the Databricks profile " + name + ": cannot read " + file + ": "
                            + e.getClass().getSimpleName() + "; write it, or set DATABRICKS_HOST and credentials",
                    e);
        }
        Map<String, String> values = new HashMap<>();
        boolean found = false;
        boolean here = false;
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.startsWith("[") && line.endsWith("]")) {
                here = line.substring(1, line.length() - 1).strip().equals(name);
                found |= here;
            } else if (here && !line.startsWith("#") && !line.startsWith(";") && line.indexOf('=') > 0) {
                int equals = line.indexOf('=');
                String value = line.substring(equals + 1).strip();
                if (!value.isEmpty()) {
                    values.put(line.substring(0, equals).strip().toLowerCase(Locale.ROOT), value);
                }
            }
        }
        if (!found) {
            throw new MlflowException(
                    Kind.UNAUTHORIZED, "cannot use the Databricks profile " + name + ": there is none in " + file);
        }
        return values;
    }

    private static DatabricksLogin of(Map<String, String> values, String from) throws MlflowException {
        String host = values.getOrDefault(HOST, "");
        if (!host.contains("://") && !host.isEmpty()) {
            host = "https://" + host;
        }
        DatabricksLogin login = new DatabricksLogin(
                HttpsAddress.origin(HttpsAddress.of(host, "cannot use Databricks: " + from)),
                Optional.ofNullable(values.get("token")),
                Optional.ofNullable(values.get("username")),
                Optional.ofNullable(values.get("password")),
                Optional.ofNullable(values.get("client_id")),
                Optional.ofNullable(values.get("client_secret")));
        boolean machine = login.clientId.isPresent() && login.clientSecret.isPresent();
        if (login.token.isEmpty() && login.username.isEmpty() && !machine) {
            throw new MlflowException(
                    Kind.UNAUTHORIZED,
                    "cannot use Databricks: " + from + " names neither a token nor client_id and client_secret");
        }
        return login;
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return "DatabricksLogin[" + host + "]";
    }
}

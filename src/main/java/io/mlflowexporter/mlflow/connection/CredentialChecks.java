package io.mlflowexporter.mlflow.connection;

import io.mlflowexporter.settings.FileChecks;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.Quoted;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** That a server's credentials are of one kind and whole, wherever each part came from. */
public final class CredentialChecks {
    static final String MASKED = "is the mask that check-config --show prints, not the secret itself";

    private final Function<String, Origin> origins;
    private final Problems problems;

    private CredentialChecks(Function<String, Origin> origins, Problems problems) {
        this.origins = origins;
        this.problems = problems;
    }

    public static void check(MlflowConfig mlflow, Function<String, Origin> origins, Problems problems) {
        CredentialChecks checks = new CredentialChecks(origins, problems);
        checks.server(
                new Parts("mlflow.auth", mlflow.auth()),
                "mlflow.tracking_uri",
                Optional.of(mlflow.trackingUri().uri()));
        Parts registry = new Parts("mlflow.registry_auth", mlflow.registryAuth().credentials());
        checks.server(registry, "mlflow.registry_uri", mlflow.registryUri().map(ServerAddress::uri));
        if (mlflow.registryUri().isEmpty() && mlflow.registryAuth().isSet()) {
            checks.warn(registry.first(), "is not used, because mlflow.registry_uri is not set");
        }
    }

    private record Parts(String path, MlflowConfig.Credentials auth) {
        String at(String key) {
            return path + "." + key;
        }

        List<String> basic() {
            List<String> given = new ArrayList<>();
            auth.username().ifPresent(x -> given.add(at("username")));
            auth.password().ifPresent(x -> given.add(at("password")));
            auth.passwordFile().ifPresent(x -> given.add(at("password_file")));
            return given;
        }

        List<String> bearer() {
            List<String> given = new ArrayList<>();
            auth.token().ifPresent(x -> given.add(at("token")));
            auth.tokenFile().ifPresent(x -> given.add(at("token_file")));
            return given;
        }

        List<String> oauth2() {
            List<String> given = new ArrayList<>();
            auth.oauth2().clientId().ifPresent(x -> given.add(at("oauth2.client_id")));
            auth.oauth2().clientSecret().ifPresent(x -> given.add(at("oauth2.client_secret")));
            auth.oauth2().clientSecretFile().ifPresent(x -> given.add(at("oauth2.client_secret_file")));
            auth.oauth2().tokenUrl().ifPresent(x -> given.add(at("oauth2.token_url")));
            if (given.isEmpty() && auth.oauth2().isSet()) {
                given.add(at(auth.oauth2().scopes().isEmpty() ? "oauth2.endpoint_params" : "oauth2.scopes"));
            }
            return given;
        }

        /** Of each kind that is given the first setting, and its name. */
        Map<String, String> kinds() {
            Map<String, String> kinds = new LinkedHashMap<>();
            basic().stream().findFirst().ifPresent(first -> kinds.put("basic authentication", first));
            bearer().stream().findFirst().ifPresent(first -> kinds.put("bearer", first));
            oauth2().stream().findFirst().ifPresent(first -> kinds.put("OAuth2", first));
            return kinds;
        }

        /** A setting to name where any is given. */
        String first() {
            return kinds().values().stream().findFirst().orElse(at("http_headers"));
        }
    }

    private void server(Parts parts, String uriPath, Optional<URI> uri) {
        MlflowConfig.Credentials auth = parts.auth();
        if (parts.path().equals("mlflow.auth")
                && uri.filter(address -> address.toString().startsWith("databricks-uc"))
                        .isPresent()) {
            error(
                    uriPath,
                    "is a registry in Unity Catalog and has no runs; write databricks, and this into"
                            + " mlflow.registry_uri");
        }
        both(parts.at("password"), auth.password(), parts.at("password_file"), auth.passwordFile());
        both(parts.at("token"), auth.token(), parts.at("token_file"), auth.tokenFile());
        oneKind(parts);
        wholePair(parts);
        boolean inAddress = uri.map(URI::getRawUserInfo).isPresent();
        if (inAddress && !parts.kinds().isEmpty()) {
            error(
                    parts.first(),
                    "is set, and " + uriPath + " (" + origins.apply(uriPath) + ") has credentials in it too;"
                            + " give one of the two");
        }
        if (uri.filter(CredentialChecks::isDatabricks).isPresent()
                && !parts.kinds().isEmpty()) {
            warn(parts.first(), "is not used: Databricks' own variables and profiles have the credentials");
        }
        if (inAddress && origins.apply(uriPath).kind() == Origin.Kind.FLAG) {
            warn(
                    uriPath,
                    "has credentials in it, and every process of this machine can read the command line; give them by a"
                            + " file, such as " + parts.at("password_file") + ", or a variable");
        }
        if (uri.filter(address -> address.toString().startsWith("arn:")).isPresent()
                && !parts.kinds().isEmpty()) {
            warn(parts.first(), "is not used: requests to SageMaker are signed with AWS credentials");
        }
        masks(parts, uriPath, uri);
        FileChecks.awaited(
                parts.at("password_file"), auth.passwordFile(), origins.apply(parts.at("password_file")), problems);
        FileChecks.awaited(parts.at("token_file"), auth.tokenFile(), origins.apply(parts.at("token_file")), problems);
        HttpHeaderChecks.check(
                parts.at("http_headers"),
                auth.httpHeaders(),
                inAddress || !parts.kinds().isEmpty(),
                origins,
                problems);
        Oauth2Checks.check(parts.at("oauth2"), auth.oauth2(), origins, problems);
    }

    private static boolean isDatabricks(URI uri) {
        return uri.toString().matches("databricks(-uc)?(://.*)?");
    }

    private void both(String first, Optional<?> a, String second, Optional<?> b) {
        if (a.isPresent() && b.isPresent()) {
            error(first, "is set, and so is " + second + " (" + origins.apply(second) + "); give one of the two");
        }
    }

    private void oneKind(Parts parts) {
        List<Map.Entry<String, String>> kinds = List.copyOf(parts.kinds().entrySet());
        if (kinds.size() > 1) {
            String other = kinds.get(1).getValue();
            error(
                    kinds.get(0).getValue(),
                    "is for " + kinds.get(0).getKey() + ", and " + other + " (" + origins.apply(other) + ") for "
                            + kinds.get(1).getKey() + "; give one of the two kinds");
        }
    }

    private void wholePair(Parts parts) {
        boolean password = parts.auth().password().isPresent()
                || parts.auth().passwordFile().isPresent();
        if (parts.kinds().size() > 1
                || parts.basic().isEmpty()
                || password == parts.auth().username().isPresent()) {
            return;
        }
        error(
                parts.basic().get(0),
                password
                        ? "is set without " + parts.at("username")
                        : "is set without " + parts.at("password") + " or " + parts.at("password_file"));
    }

    /** The mask is what {@code check-config --show} wrote, and not what the server knows. */
    private void masks(Parts parts, String uriPath, Optional<URI> uri) {
        if (parts.auth().password().filter(Quoted.MASK::equals).isPresent()) {
            warn(parts.at("password"), MASKED);
        }
        if (parts.auth().token().filter(Quoted.MASK::equals).isPresent()) {
            warn(parts.at("token"), MASKED);
        }
        if (uri.map(URI::getRawUserInfo).filter(Quoted.MASK::equals).isPresent()) {
            warn(uriPath, "has for credentials the mask that check-config --show prints, not the secret itself");
        }
    }

    private void error(String path, String message) {
        problems.error(origins.apply(path), path, message);
    }

    private void warn(String path, String message) {
        problems.warning(origins.apply(path), path, message);
    }
}

package io.mlflowexporter.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** That a server's credentials are of one kind and whole, wherever each part came from. */
final class CredentialChecks {
    private final Function<String, Origin> origins;
    private final Problems problems;

    private CredentialChecks(Function<String, Origin> origins, Problems problems) {
        this.origins = origins;
        this.problems = problems;
    }

    static void check(MlflowConfig mlflow, Function<String, Origin> origins, Problems problems) {
        CredentialChecks checks = new CredentialChecks(origins, problems);
        MlflowConfig.Credentials a = mlflow.auth();
        checks.server(
                new Parts("mlflow.auth", a.username(), a.password(), a.passwordFile(), a.token(), a.tokenFile()),
                "mlflow.tracking_uri",
                Optional.of(mlflow.trackingUri()));
        MlflowConfig.RegistryCredentials r = mlflow.registryAuth();
        Parts registry = new Parts(
                "mlflow.registry_auth", r.username(), r.password(), r.passwordFile(), r.token(), r.tokenFile());
        checks.server(registry, "mlflow.registry_uri", mlflow.registryUri());
        if (mlflow.registryUri().isEmpty() && !registry.given().isEmpty()) {
            checks.warn(registry.given().get(0), "is not used, because mlflow.registry_uri is not set");
        }
    }

    private record Parts(
            String path,
            Optional<String> username,
            Optional<String> password,
            Optional<Path> passwordFile,
            Optional<String> token,
            Optional<Path> tokenFile) {

        String at(String key) {
            return path + "." + key;
        }

        List<String> basic() {
            List<String> given = new ArrayList<>();
            username.ifPresent(x -> given.add(at("username")));
            password.ifPresent(x -> given.add(at("password")));
            passwordFile.ifPresent(x -> given.add(at("password_file")));
            return given;
        }

        List<String> bearer() {
            List<String> given = new ArrayList<>();
            token.ifPresent(x -> given.add(at("token")));
            tokenFile.ifPresent(x -> given.add(at("token_file")));
            return given;
        }

        List<String> given() {
            List<String> given = basic();
            given.addAll(bearer());
            return given;
        }
    }

    private void server(Parts parts, String uriPath, Optional<URI> uri) {
        both(parts.at("password"), parts.password(), parts.at("password_file"), parts.passwordFile());
        both(parts.at("token"), parts.token(), parts.at("token_file"), parts.tokenFile());
        oneKind(parts);
        wholePair(parts);
        boolean inAddress = uri.map(URI::getRawUserInfo).isPresent();
        if (inAddress && !parts.given().isEmpty()) {
            error(
                    parts.given().get(0),
                    "is set, and " + uriPath + " (" + origins.apply(uriPath) + ") has credentials in it too;"
                            + " give one of the two");
        }
        masks(parts, uriPath, uri);
        FileChecks.awaited(
                parts.at("password_file"), parts.passwordFile(), origins.apply(parts.at("password_file")), problems);
        FileChecks.awaited(parts.at("token_file"), parts.tokenFile(), origins.apply(parts.at("token_file")), problems);
    }

    private void both(String first, Optional<?> a, String second, Optional<?> b) {
        if (a.isPresent() && b.isPresent()) {
            error(first, "is set, and so is " + second + " (" + origins.apply(second) + "); give one of the two");
        }
    }

    private void oneKind(Parts parts) {
        if (!parts.basic().isEmpty() && !parts.bearer().isEmpty()) {
            String bearer = parts.bearer().get(0);
            error(
                    parts.basic().get(0),
                    "is for basic authentication, and " + bearer + " (" + origins.apply(bearer)
                            + ") for bearer; give one of the two kinds");
        }
    }

    private void wholePair(Parts parts) {
        boolean password = parts.password().isPresent() || parts.passwordFile().isPresent();
        if (!parts.bearer().isEmpty()
                || parts.basic().isEmpty()
                || password == parts.username().isPresent()) {
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
        String message = "is the mask that check-config --show prints, not the secret itself";
        if (parts.password().filter(Quoted.MASK::equals).isPresent()) {
            warn(parts.at("password"), message);
        }
        if (parts.token().filter(Quoted.MASK::equals).isPresent()) {
            warn(parts.at("token"), message);
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

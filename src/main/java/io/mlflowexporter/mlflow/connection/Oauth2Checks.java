package io.mlflowexporter.mlflow.connection;

import io.mlflowexporter.settings.FileChecks;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.Quoted;
import java.util.function.Function;

/** That OAuth2 client credentials are whole. */
final class Oauth2Checks {
    private final String path;
    private final Function<String, Origin> origins;
    private final Problems problems;

    private Oauth2Checks(String path, Function<String, Origin> origins, Problems problems) {
        this.path = path;
        this.origins = origins;
        this.problems = problems;
    }

    /** Adds what is wrong. */
    static void check(String path, Oauth2Config oauth2, Function<String, Origin> origins, Problems problems) {
        Oauth2Checks checks = new Oauth2Checks(path, origins, problems);
        if (oauth2.isSet()) {
            checks.whole(oauth2);
        }
        checks.tls(oauth2.tlsConfig(), oauth2.isSet());
    }

    private void whole(Oauth2Config oauth2) {
        if (oauth2.clientId().isEmpty()) {
            error(
                    "client_id",
                    "is missing; oauth2 needs client_id, client_secret or client_secret_file, and token_url");
        }
        if (oauth2.tokenUrl().isEmpty()) {
            error("token_url", "is missing; give the address that issues tokens");
        }
        if (oauth2.clientSecret().isEmpty() && oauth2.clientSecretFile().isEmpty()) {
            error("client_secret", "is missing; give client_secret or client_secret_file");
        }
        if (oauth2.clientSecret().isPresent() && oauth2.clientSecretFile().isPresent()) {
            error(
                    "client_secret",
                    "is set, and so is " + path + ".client_secret_file (" + at("client_secret_file")
                            + "); give one of the two");
        }
        if (oauth2.clientSecret().filter(Quoted.MASK::equals).isPresent()) {
            problems.warning(at("client_secret"), path + ".client_secret", CredentialChecks.MASKED);
        }
        oauth2.tokenUrl().ifPresent(url -> {
            if (url.userInfo().isPresent()) {
                error("token_url", "has user and password in it; give client_id and client_secret");
            }
            if (url.inTheClear()) {
                problems.warning(
                        at("token_url"), path + ".token_url", "is not https: the client secret is sent in the clear");
            }
        });
        for (String scope : oauth2.scopes()) {
            if (scope.chars().anyMatch(Character::isWhitespace)) {
                error("scopes", "has a scope with a blank in it; give each scope as an element of its own");
            }
        }
        FileChecks.awaited(path + ".client_secret_file", oauth2.clientSecretFile(), at("client_secret_file"), problems);
    }

    private void tls(Oauth2Config.TokenTls tls, boolean used) {
        String at = path + ".tls_config.";
        if (tls.keyFile().isPresent() && tls.certFile().isEmpty()) {
            error("tls_config.key_file", "is set without " + at + "cert_file, whose key it would be");
        }
        if (tls.insecureSkipVerify() && used) {
            problems.warning(
                    at("tls_config.insecure_skip_verify"),
                    at + "insecure_skip_verify",
                    "is on: anyone in between can read the client secret");
        }
        FileChecks.required(at + "ca_file", tls.caFile(), at("tls_config.ca_file"), problems);
        FileChecks.required(at + "cert_file", tls.certFile(), at("tls_config.cert_file"), problems);
        FileChecks.required(at + "key_file", tls.keyFile(), at("tls_config.key_file"), problems);
    }

    /** A setting that is missing is told where another of the section stands. */
    private Origin at(String key) {
        Origin own = origins.apply(path + "." + key);
        if (!own.equals(Origin.DEFAULT)) {
            return own;
        }
        for (String other : new String[] {"client_id", "client_secret", "client_secret_file", "token_url", "scopes"}) {
            Origin origin = origins.apply(path + "." + other);
            if (!origin.equals(Origin.DEFAULT)) {
                return origin;
            }
        }
        return origins.apply(path + ".endpoint_params");
    }

    private void error(String key, String message) {
        problems.error(at(key), path + "." + key, message);
    }
}

package io.mlflowexporter.mlflow.rest.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Values of the Authorization header. */
final class Authorizations {
    static final String HEADER = "Authorization";

    private Authorizations() {}

    static RequestAuth.Header bearer(String token) {
        return new RequestAuth.Header(HEADER, "Bearer " + token);
    }

    static RequestAuth.Header basic(String user, String password) {
        return new RequestAuth.Header(HEADER, basicValue(user, password));
    }

    static String basicValue(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}

package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * A client's right to tokens (RFC 6749, 4.4).
 *
 * @param scopes asked for; may be empty
 * @param params more fields of the form; may replace the grant type
 * @param secret read anew for each token
 * @param assertion the secret is a signed assertion (RFC 7523), not a password
 */
record TokenGrant(
        URI tokenUrl,
        String clientId,
        List<String> scopes,
        Map<String, String> params,
        Secret secret,
        boolean assertion) {
    /** The client's secret at the time of asking. */
    interface Secret {
        String read() throws MlflowException;
    }

    /** The token endpoint for people: without query. */
    String address() {
        String text = tokenUrl.toString();
        int query = text.indexOf('?');
        return query < 0 ? text : text.substring(0, query);
    }

    /** Without what may be a secret. */
    @Override
    public String toString() {
        return "TokenGrant[" + address() + "]";
    }
}

package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** How requests to one server show who sends them. Asked anew for each request: files and tokens change. */
public interface RequestAuth {
    /**
     * A request about to be sent.
     *
     * @param body empty for a GET
     * @param headers those that are not about who sends it
     */
    record Outgoing(String method, URI uri, String body, Map<String, String> headers) {}

    /** A header to add to a request. */
    record Header(String name, String value) {
        /** Without what may be a secret. */
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * The headers to add.
     *
     * @param limit time for what has to be asked first, such as a token
     * @throws MlflowException if there are none, with a line for the user
     */
    List<Header> headers(Outgoing request, Duration limit) throws MlflowException;

    /**
     * Told that the server refused a request. Whether it may accept it with newer headers.
     *
     * @param refused the value of the Authorization header that the request was sent with
     */
    default boolean renew(String refused) {
        return false;
    }
}

package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.HttpTransport.Call;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Reads answers that are a page: an array under a name, and the token of the next page. */
final class Pages {
    private Pages() {}

    /** Reads one page and gives back the next page's token, empty after the last. */
    static String read(HttpTransport transport, Call call, String arrayName, Json.Reader elements)
            throws MlflowException {
        return read(transport, call, arrayName, elements, bytes -> {});
    }

    /**
     * As the other.
     *
     * @param size takes the length of the answer in bytes, after decompression
     */
    static String read(HttpTransport transport, Call call, String arrayName, Json.Reader elements, LongConsumer size)
            throws MlflowException {
        try (InputStream body = transport.send(call);
                JsonParser parser = Json.parser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw transport.problem(
                        Kind.BAD_ANSWER, call, "the answer is JSON, but not MLflow's; check the address", "", null);
            }
            String[] token = {""};
            String[] error = {""};
            Json.object(parser, (name, value) -> {
                if (name.equals(arrayName)) {
                    Json.array(value, elements);
                } else if (name.equals("next_page_token")) {
                    token[0] = Json.text(value);
                } else if (name.equals("error_code")) {
                    error[0] = Json.text(value);
                }
            });
            // Reads on to the end, which also has a compressed answer's checksum compared.
            if (parser.nextToken() != null) {
                throw new IOException("something follows after the end of the JSON");
            }
            size.accept(parser.currentLocation().getByteOffset());
            if (!error[0].isEmpty()) {
                throw transport.problem(
                        Kind.BAD_ANSWER, call, "the answer is an error with HTTP status 200", error[0], null);
            }
            return token[0];
        } catch (BoundedBody.TooLongException e) {
            throw transport.problem(
                    Kind.TOO_LARGE, call, "the answer unpacks to more than mlflow.max_response_size", "", e);
        } catch (IOException e) {
            throw transport.problem(
                    Kind.BAD_ANSWER,
                    call,
                    "the answer is not whole, valid JSON; is this the address of MLflow itself, or of a proxy's"
                            + " HTML page?",
                    e instanceof JsonProcessingException json
                            ? json.getOriginalMessage()
                            : String.valueOf(e.getMessage()),
                    e);
        }
    }
}

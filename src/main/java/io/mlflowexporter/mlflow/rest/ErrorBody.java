package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * What a server says about a failure.
 *
 * @param code MLflow's {@code error_code}, empty where the answer is not MLflow's
 * @param message MLflow's {@code message}, else the beginning of a plain text; hostile input
 */
record ErrorBody(String code, String message) {
    private static final JsonMapper JSON = new JsonMapper();
    /** Of an answer that breaks off or is not what it says. */
    static final ErrorBody UNREADABLE = new ErrorBody("", "an unreadable answer");

    private static final int READ_AT_MOST = 64 << 10;

    static ErrorBody read(InputStream body) {
        byte[] bytes;
        try {
            bytes = body.readNBytes(READ_AT_MOST);
        } catch (IOException e) {
            return UNREADABLE;
        }
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        if (text.startsWith("<")) {
            return new ErrorBody("", "an HTML page, not MLflow's answer; is a proxy in between?");
        }
        try {
            JsonNode node = JSON.readTree(text);
            return node == null || !node.isObject()
                    ? new ErrorBody("", text)
                    : new ErrorBody(
                            node.path("error_code").asText(""),
                            node.path("message").asText(""));
        } catch (IOException e) {
            return new ErrorBody("", text);
        }
    }
}

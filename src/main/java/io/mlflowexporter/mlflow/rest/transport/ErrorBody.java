package io.mlflowexporter.mlflow.rest.transport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a server says about a failure.
 *
 * @param code MLflow's {@code error_code}, empty where the answer has none
 * @param message what the server says in words, wherever in the answer they stand: MLflow's {@code message}, {@code error},
 *     {@code detail}, also inside one another; of a plain text its first line; hostile input
 */
record ErrorBody(String code, String message) {
    private static final JsonMapper JSON = new JsonMapper();
    /** Of an answer that breaks off or is not what it says. */
    static final ErrorBody UNREADABLE = new ErrorBody("", "an unreadable answer");

    private static final int READ_AT_MOST = 64 << 10;
    private static final int DEEPEST = 8;

    /** Where servers put their words, those that tell most first; a word such as "Bad Request" tells little. */
    private static final List<String> NAMES = List.of(
            "message",
            "detail",
            "error_description",
            "msg",
            "error",
            "errors",
            "response",
            "description",
            "reason",
            "title");

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
            if (node != null && node.isContainerNode()) {
                String code = node.path("error_code").asText("");
                String words = words(node, 0);
                return new ErrorBody(code, words.isEmpty() && code.isEmpty() ? node.toString() : words);
            }
        } catch (IOException e) {
            // Not JSON: words as they are.
        }
        return new ErrorBody("", text.lines().findFirst().orElse(""));
    }

    /** MLflow 3.5 and later take only some values of the header Host. */
    boolean isAboutTheHost() {
        return message.toLowerCase(Locale.ROOT).contains("host header");
    }

    private static String words(JsonNode node, int depth) {
        if (node.isValueNode()) {
            return node.isTextual() ? node.textValue().strip() : "";
        }
        if (depth == DEEPEST) {
            return "";
        }
        if (node.isArray()) {
            for (JsonNode element : node) {
                String words = words(element, depth + 1);
                if (!words.isEmpty()) {
                    return words;
                }
            }
            return "";
        }
        for (String name : NAMES) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                if (field.getKey().equalsIgnoreCase(name)) {
                    String words = words(field.getValue(), depth + 1);
                    if (!words.isEmpty()) {
                        return words;
                    }
                }
            }
        }
        return "";
    }
}

package io.mlflowexporter.demo.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.demo.store.ApiException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A request's parameters, from its JSON body or its query, checked in the real server's words. */
final class Params {
    private static final String SEE = " See the API docs for more information about request parameters.";

    private final JsonNode fields;

    Params(JsonNode fields) {
        this.fields = fields;
    }

    /** Reads a query string; a name that occurs several times is a list. */
    static Params ofQuery(String rawQuery) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        for (String pair : rawQuery.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                String name = URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8);
                fields.withArray(name).add(URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return new Params(fields);
    }

    boolean has(String name) {
        return !field(name).isMissingNode() && !field(name).isNull();
    }

    /** A text that must be there. */
    String required(String name) {
        String value = has(name) ? text(name) : "";
        if (value.isEmpty()) {
            throw missing(name);
        }
        return value;
    }

    /** A text, empty where it is missing. */
    String text(String name) {
        JsonNode field = field(name);
        if (field.isMissingNode() || field.isNull()) {
            return "";
        }
        if (!field.isTextual()) {
            throw wrongType(name, field);
        }
        return field.asText();
    }

    /** A run's id, which old clients call {@code run_uuid}. */
    String runId() {
        return text("run_id").isEmpty() && !text("run_uuid").isEmpty() ? text("run_uuid") : required("run_id");
    }

    /** A 64-bit integer, which clients may send as a number or as a text. */
    long whole(String name, long byDefault) {
        if (!has(name)) {
            return byDefault;
        }
        JsonNode field = field(name);
        if (field.isIntegralNumber()) {
            return field.asLong();
        }
        try {
            return field.isTextual() ? Long.parseLong(field.asText()) : (long) number(name);
        } catch (NumberFormatException e) {
            throw wrongType(name, field);
        }
    }

    /** A number that must be there; the texts {@code NaN} and {@code Infinity} are numbers too. */
    double number(String name) {
        if (!has(name)) {
            throw missing(name);
        }
        JsonNode field = field(name);
        if (field.isNumber()) {
            return field.asDouble();
        }
        String text = field.asText().strip();
        if (field.isTextual() && !text.isEmpty()) {
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException e) {
                throw wrongType(name, field);
            }
        }
        throw wrongType(name, field);
    }

    boolean flag(String name) {
        return field(name).asText().equalsIgnoreCase("true");
    }

    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        JsonNode list = fields.path(name);
        if (list.isTextual()) {
            texts.add(list.asText());
        }
        for (JsonNode item : list) {
            texts.add(item.asText());
        }
        return texts;
    }

    List<Params> objects(String name) {
        List<Params> objects = new ArrayList<>();
        for (JsonNode item : fields.path(name)) {
            objects.add(new Params(item));
        }
        return objects;
    }

    /** A number of results within MLflow's limits, in the wording of the checks that most endpoints share. */
    int maxResults(int byDefault, int cap) {
        long max = whole("max_results", byDefault);
        if (max > cap) {
            throw wrongType("max_results", field("max_results"));
        }
        if (max < 0) {
            throw ApiException.invalid(
                    "Invalid value " + max + " for parameter 'max_results' supplied. It must be a positive integer");
        }
        return (int) max;
    }

    /** A part as it is; a missing node where there is none. */
    JsonNode node(String name) {
        return fields.path(name);
    }

    private JsonNode field(String name) {
        JsonNode field = fields.path(name);
        return field.isArray() && field.size() == 1 && field.get(0).isTextual() ? field.get(0) : field;
    }

    private static ApiException missing(String name) {
        return ApiException.invalid("Missing value for required parameter '" + name + "'." + SEE);
    }

    private static ApiException wrongType(String name, JsonNode value) {
        String type = value.isTextual()
                ? "str"
                : value.isIntegralNumber()
                        ? "int"
                        : value.isNumber() ? "float" : value.isBoolean() ? "bool" : value.isArray() ? "list" : "dict";
        return ApiException.invalid("Invalid value " + value + " for parameter '" + name
                + "' supplied:  Hint: Value was of type '" + type + "'." + SEE);
    }
}

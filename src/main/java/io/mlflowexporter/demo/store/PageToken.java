package io.mlflowexporter.demo.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** MLflow's page tokens: an offset into the ordered result, as Base64 of a JSON object. */
public final class PageToken {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PageToken() {}

    public static String of(long offset) {
        return Base64.getEncoder().encodeToString(("{\"offset\": " + offset + "}").getBytes(StandardCharsets.UTF_8));
    }

    /** The offset a token stands for, 0 for an empty one. */
    public static int offset(String token) {
        if (token.isEmpty()) {
            return 0;
        }
        // Python's decoder passes over characters that are not Base64's.
        String known = token.replaceAll("[^A-Za-z0-9+/=]", "");
        byte[] decoded;
        try {
            if (known.length() % 4 != 0) {
                throw new IllegalArgumentException("incorrect padding");
            }
            decoded = Base64.getDecoder().decode(known);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("Invalid page token, could not base64-decode");
        }
        String text = new String(decoded, StandardCharsets.UTF_8);
        JsonNode parsed;
        try {
            parsed = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw ApiException.invalid("Invalid page token, decoded value=b'" + text + "'");
        }
        if (parsed == null || parsed.isMissingNode()) {
            throw ApiException.invalid("Invalid page token, decoded value=b'" + text + "'");
        }
        if (!parsed.isObject()) {
            throw ApiException.internal("'list' object has no attribute 'get'");
        }
        JsonNode offset = parsed.path("offset");
        if (offset.isMissingNode()
                || offset.isNull()
                || offset.asText().isEmpty()
                || offset.asText().equals("0")) {
            throw ApiException.invalid("Invalid page token, parsed value=" + parsed);
        }
        try {
            return Math.max(0, Integer.parseInt(offset.asText()));
        } catch (NumberFormatException e) {
            throw ApiException.invalid("Invalid page token, not stringable " + offset.asText());
        }
    }

    /**
     * One page out of a list that is already filtered and ordered.
     *
     * @param nextToken empty where this is the last page
     */
    public record Page<T>(List<T> items, String nextToken) {
        public static <T> Page<T> of(List<T> all, int offset, int max) {
            int from = Math.min(offset, all.size());
            int to = (int) Math.min((long) from + max, all.size());
            return new Page<>(List.copyOf(all.subList(from, to)), to < all.size() ? PageToken.of(to) : "");
        }
    }
}

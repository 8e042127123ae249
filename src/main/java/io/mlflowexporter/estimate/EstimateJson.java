package io.mlflowexporter.estimate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.List;

/** An answer as JSON: the same from the exporter and from the command. */
public final class EstimateJson {
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .addModules(new JavaTimeModule(), new Jdk8Module())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** What is answered to a question that makes no sense, or cannot be answered now. */
    private record Refusal(List<String> problems) {}

    private EstimateJson() {}

    /** An answer. */
    public static String write(Estimate estimate) {
        return text(estimate, true);
    }

    /** Why there is none. */
    public static String refuse(List<String> problems) {
        return text(new Refusal(problems), false);
    }

    private static String text(Object value, boolean pretty) {
        try {
            return (pretty ? JSON.writerWithDefaultPrettyPrinter() : JSON.writer()).writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws JsonProcessingException if it is not that
     */
    public static Estimate read(String text) throws JsonProcessingException {
        return JSON.readValue(text, Estimate.class);
    }

    /**
     * What {@link #refuse} wrote.
     *
     * @throws JsonProcessingException if it is not that
     */
    public static List<String> problems(String text) throws JsonProcessingException {
        List<String> problems = JSON.readValue(text, Refusal.class).problems();
        return problems == null ? List.of() : problems;
    }
}

package io.mlflowexporter.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.mlflowexporter.estimate.BadQuestionException;
import io.mlflowexporter.estimate.Estimate;
import io.mlflowexporter.estimate.EstimateJson;
import io.mlflowexporter.estimate.NotNowException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** Asks a running exporter for an estimate. */
final class ExporterClient {
    private static final String PATH = "/api/v1/estimate";
    private static final int LONGEST_ANSWER = 8 << 20;
    private static final int BAD_REQUEST = 400;
    private static final int UNAVAILABLE = 503;

    private final ExporterOptions exporter;
    private final URI address;

    ExporterClient(ExporterOptions exporter, URI address) {
        this.exporter = exporter;
        this.address = address;
    }

    /**
     * Asks.
     *
     * @throws IOException if it does not answer, or not as an exporter would, with a line for the user
     */
    Estimate ask(Map<String, List<String>> parameters) throws IOException, BadQuestionException, NotNowException {
        StringJoiner query = new StringJoiner("&");
        parameters.forEach((name, values) -> values.forEach(value -> query.add(name + "=" + encoded(value))));
        URI asked = URI.create(address.toString().replaceFirst("[/?#]*$", "") + PATH + "?" + query);
        ExporterOptions.Answer answer = exporter.ask(asked, "application/json", LONGEST_ANSWER);
        try {
            return switch (answer.status()) {
                case BAD_REQUEST -> throw new BadQuestionException(EstimateJson.problems(answer.text()));
                case UNAVAILABLE -> throw new NotNowException(String.join("; ", EstimateJson.problems(answer.text())));
                default -> EstimateJson.read(answer.expected("people"));
            };
        } catch (JsonProcessingException e) {
            throw new IOException(
                    ExporterOptions.shown(address)
                            + " does not answer as an exporter does; give its listener for people,"
                            + " port 9819 unless set",
                    e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

package io.mlflowexporter.demo.api;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.mlflowexporter.demo.api.Faults.Answer;
import io.mlflowexporter.demo.api.Faults.Fault;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.demo.life.SimulationOptions.Basic;
import io.mlflowexporter.demo.life.SimulationOptions.Bearer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries requests to the {@link SimulatedApi} and its answers back, with the faults asked for. */
public final class HttpFront implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);
    private static final String NOT_AUTHENTICATED = "You are not authenticated.";

    private final SimulatedApi api;
    private final SimulationOptions options;
    private final Faults faults;
    private final RequestLog requests;

    public HttpFront(SimulatedApi api, SimulationOptions options, Faults faults, RequestLog requests) {
        this.api = api;
        this.options = options;
        this.faults = faults;
        this.requests = requests;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String endpoint = SimulatedApi.endpoint(exchange.getRequestURI().getPath());
            byte[] received = exchange.getRequestBody().readNBytes(options.maxRequestBytes() + 1);
            String body = new String(received, StandardCharsets.UTF_8);
            boolean tooLong = received.length > options.maxRequestBytes();
            Optional<Fault> fault = faults.take(endpoint);
            pause(faults.latency());
            SimulatedApi.Response response = tooLong
                    ? SimulatedApi.Response.text(413, "text/plain", "Request Entity Too Large")
                    : respond(exchange, endpoint, body, fault);
            byte[] sent = response.body();
            exchange.getResponseHeaders().set("Content-Type", response.contentType());
            requests.add(new RequestLog.Request(
                    exchange.getRequestMethod(),
                    endpoint,
                    query(exchange),
                    headers(exchange.getRequestHeaders()),
                    body,
                    response.status(),
                    sent.length));
            send(exchange, response.status(), sent, fault);
        }
    }

    private SimulatedApi.Response respond(HttpExchange exchange, String endpoint, String body, Optional<Fault> fault) {
        if (!endpoint.equals("health") && !endpoint.equals("version") && !authenticated(exchange)) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"mlflow\"");
            return SimulatedApi.Response.text(401, "text/plain; charset=utf-8", NOT_AUTHENTICATED);
        }
        if (fault.isPresent() && fault.get() instanceof Answer answer) {
            answer.retryAfterSeconds()
                    .ifPresent(s -> exchange.getResponseHeaders().set("Retry-After", Integer.toString(s)));
            return SimulatedApi.Response.text(answer.status(), answer.contentType(), answer.body());
        }
        SimulatedApi.Request request = new SimulatedApi.Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                query(exchange),
                header(exchange, "X-MLFLOW-WORKSPACE"),
                header(exchange, "Content-Type"),
                body);
        try {
            return api.answer(request, faults.quirks());
        } catch (IOException | RuntimeException e) {
            LOG.error("The simulated MLflow failed on {} {}", request.method(), request.path(), e);
            return SimulatedApi.Response.text(
                    500,
                    "application/json",
                    "{\"error_code\": \"INTERNAL_ERROR\", \"message\": \"the simulation failed\"}");
        }
    }

    private boolean authenticated(HttpExchange exchange) {
        if (options.credentials().isEmpty()) {
            return true;
        }
        String expected;
        if (options.credentials().get() instanceof Basic basic) {
            byte[] pair = (basic.username() + ":" + basic.password()).getBytes(StandardCharsets.UTF_8);
            expected = "Basic " + Base64.getEncoder().encodeToString(pair);
        } else {
            expected = "Bearer " + ((Bearer) options.credentials().get()).token();
        }
        return header(exchange, "Authorization").equals(expected);
    }

    private static void send(HttpExchange exchange, int status, byte[] bytes, Optional<Fault> fault)
            throws IOException {
        Fault how = fault.orElse(null);
        if (how instanceof Faults.Truncated truncated) {
            byte[] start = Arrays.copyOf(bytes, Math.min(truncated.bytes(), bytes.length));
            exchange.sendResponseHeaders(status, start.length == 0 ? -1 : start.length);
            exchange.getResponseBody().write(start);
            return;
        }
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        OutputStream out = exchange.getResponseBody();
        if (how instanceof Faults.Reset reset) {
            // Closing the exchange before the announced length is sent closes the connection.
            out.write(bytes, 0, Math.min(reset.bytes(), Math.max(0, bytes.length - 1)));
            out.flush();
        } else if (how instanceof Faults.Slow slow) {
            for (int at = 0; at < bytes.length; at += slow.bytes()) {
                out.write(bytes, at, Math.min(slow.bytes(), bytes.length - at));
                out.flush();
                pause(slow.pause());
            }
        } else {
            out.write(bytes);
        }
    }

    private static void pause(Duration duration) throws IOException {
        if (duration.isZero()) {
            return;
        }
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("The simulated MLflow stopped", e);
        }
    }

    private static String query(HttpExchange exchange) {
        String query = exchange.getRequestURI().getRawQuery();
        return query == null ? "" : query;
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private static Map<String, String> headers(Headers headers) {
        Map<String, String> copy = new TreeMap<>();
        headers.forEach((name, values) -> copy.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
        return Map.copyOf(copy);
    }
}

package io.mlflowexporter.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A real Alertmanager with the example that is shipped: its routes, inhibitions, templates and chat messages; mail and pager
 * are replaced by a webhook of the receiver's name, and nothing waits. The test is who receives.
 */
final class Alertmanager implements AutoCloseable {
    private static final Path SHIPPED = Path.of("deploy", "alertmanager");
    private static final Duration READY_WITHIN = Duration.ofSeconds(30);

    private final HttpServer receiver;
    private final Running running;
    private final URI address;
    private final List<Message> messages;

    /**
     * What was received.
     *
     * @param path {@code /chat}, or {@code /hook/} and the receiver's name
     */
    record Message(String path, JsonNode body) {}

    private Alertmanager(HttpServer receiver, Running running, URI address, List<Message> messages) {
        this.receiver = receiver;
        this.running = running;
        this.address = address;
        this.messages = messages;
    }

    static Alertmanager start(Path directory) throws IOException {
        List<Message> messages = new CopyOnWriteArrayList<>();
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            messages.add(
                    new Message(exchange.getRequestURI().getPath(), HttpGet.JSON.readTree(exchange.getRequestBody())));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        receiver.start();
        String receives = "http://127.0.0.1:" + receiver.getAddress().getPort();
        Path config = Files.writeString(
                directory.resolve("alertmanager.yml"),
                config(directory, receives).toString());
        URI address = URI.create("http://127.0.0.1:" + Prometheus.freePort());
        Running running = Running.start(
                "alertmanager",
                List.of(
                        Command.require("prometheus-alertmanager").toString(),
                        "--config.file=" + config,
                        "--storage.path=" + directory.resolve("alertmanager-data"),
                        "--web.listen-address=" + address.getAuthority(),
                        "--cluster.listen-address="));
        Alertmanager alertmanager = new Alertmanager(receiver, running, address, messages);
        try {
            Await.until(
                    "Alertmanager ready",
                    READY_WITHIN,
                    () -> HttpGet.get(address.resolve("/-/ready")),
                    answer -> answer.status() == 200);
            return alertmanager;
        } catch (AssertionError e) {
            alertmanager.close();
            throw new AssertionError(e.getMessage() + "\n" + running.output(), e);
        }
    }

    private static ObjectNode config(Path directory, String receives) throws IOException {
        ObjectNode config = HttpGet.JSON.valueToTree(new Yaml(new SafeConstructor(new LoaderOptions()))
                .<Object>load(Files.readString(SHIPPED.resolve("alertmanager.yaml"))));
        Path chat = Files.writeString(directory.resolve("chat-url"), receives + "/chat");
        config.putObject("global").put("slack_api_url_file", chat.toString());
        config.putArray("templates").add(SHIPPED.resolve("templates").toAbsolutePath() + "/*.tmpl");
        atOnce((ObjectNode) config.path("route"));
        for (JsonNode one : config.path("receivers")) {
            ObjectNode changed = (ObjectNode) one;
            changed.remove(List.of("email_configs", "pagerduty_configs"));
            ArrayNode hooks = changed.putArray("webhook_configs");
            hooks.addObject()
                    .put("url", receives + "/hook/" + one.path("name").asText())
                    .put("send_resolved", true);
        }
        return config;
    }

    private static void atOnce(ObjectNode route) {
        route.put("group_wait", "0s").put("group_interval", "1s");
        for (JsonNode child : route.path("routes")) {
            atOnce((ObjectNode) child);
        }
    }

    List<Message> messages() {
        return List.copyOf(messages);
    }

    /** What {@code /api/v2/alerts} says. */
    JsonNode alerts() throws IOException {
        return HttpGet.json(address.resolve("/api/v2/alerts"));
    }

    URI address() {
        return address;
    }

    String log() {
        return running.output();
    }

    @Override
    public void close() {
        running.close();
        receiver.stop(0);
    }
}

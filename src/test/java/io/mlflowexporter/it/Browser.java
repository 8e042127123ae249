package io.mlflowexporter.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A headless Chromium with one page, steered over its DevTools protocol: no driver program, nothing downloaded. */
final class Browser implements AutoCloseable {
    private static final Duration STARTS_WITHIN = Duration.ofMinutes(1);

    private final Running running;
    private final DevTools page;

    private Browser(Running running, DevTools page) {
        this.running = running;
        this.page = page;
    }

    /**
     * Starts one that knows nothing and calls nobody by itself.
     *
     * @param profile an empty directory
     */
    static Browser start(Path profile) throws IOException {
        String program = Command.find("chromium")
                .or(() -> Command.find("chromium-browser"))
                .or(() -> Command.find("google-chrome"))
                .orElseThrow(() -> Command.missing("chromium is not on the PATH"))
                .toString();
        Running running = Running.start(
                "chromium",
                List.of(
                        program,
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank"));
        try {
            String port = Await.until(
                            "Chromium's DevTools port",
                            STARTS_WITHIN,
                            () -> Files.readAllLines(profile.resolve("DevToolsActivePort")),
                            lines -> lines.size() >= 2)
                    .get(0);
            URI list = URI.create("http://127.0.0.1:" + port + "/json/list");
            JsonNode target = Await.until(
                    "a page", STARTS_WITHIN, () -> firstPage(HttpGet.json(list)), found -> !found.isMissingNode());
            DevTools page =
                    new DevTools(URI.create(target.path("webSocketDebuggerUrl").asText()));
            for (String domain : List.of("Page", "Network", "Log", "Runtime")) {
                page.call(domain + ".enable");
            }
            return new Browser(running, page);
        } catch (IOException | AssertionError e) {
            running.close();
            throw e;
        }
    }

    private static JsonNode firstPage(JsonNode targets) {
        for (JsonNode target : targets) {
            if (target.path("type").asText().equals("page")) {
                return target;
            }
        }
        return targets.path(-1);
    }

    /** Sets the window in CSS pixels. */
    void window(int width, int height, boolean phone) throws IOException {
        page.call(
                "Emulation.setDeviceMetricsOverride",
                "width",
                width,
                "height",
                height,
                "deviceScaleFactor",
                phone ? 2 : 1,
                "mobile",
                phone);
    }

    /** What the page is told the reader likes: {@code dark} or {@code light}. */
    void colorScheme(String scheme) throws IOException {
        ObjectNode parameters = HttpGet.JSON.createObjectNode();
        parameters
                .withArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", scheme);
        page.call("Emulation.setEmulatedMedia", parameters);
    }

    /** Opens an address and waits until all of it is there. */
    void open(URI address) throws IOException {
        page.forgetEvents();
        page.call("Page.navigate", "url", address.toString());
        Await.until(
                "loaded: " + address,
                STARTS_WITHIN,
                () -> page.events("Page.loadEventFired"),
                found -> !found.isEmpty());
    }

    /** Does what leads to another page, such as a form's button, and waits until all of it is there. */
    void follow(String expression) throws IOException {
        page.forgetEvents();
        evaluate(expression);
        Await.until(
                "loaded after " + expression,
                STARTS_WITHIN,
                () -> page.events("Page.loadEventFired"),
                found -> !found.isEmpty());
    }

    /** The value of a JavaScript expression. */
    JsonNode evaluate(String expression) throws IOException {
        JsonNode answer = page.call("Runtime.evaluate", "expression", expression, "returnByValue", true);
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    /** What the console holds since the page was opened, and dialogs that opened. */
    List<String> complaints() {
        List<String> complaints = new ArrayList<>();
        for (String method : List.of(
                "Log.entryAdded",
                "Runtime.consoleAPICalled",
                "Runtime.exceptionThrown",
                "Page.javascriptDialogOpening",
                "Network.loadingFailed")) {
            page.events(method).forEach(event -> complaints.add(method + " " + event));
        }
        return complaints;
    }

    /** The addresses asked for since the page was opened. */
    List<URI> requests() {
        return page.events("Network.requestWillBeSent").stream()
                .map(event -> URI.create(event.path("request").path("url").asText()))
                .toList();
    }

    /** Saves what is seen, from the top of the page. */
    void screenshot(Path file, boolean wholePage) throws IOException {
        ObjectNode parameters = HttpGet.JSON.createObjectNode().put("format", "png");
        if (wholePage) {
            JsonNode size = page.call("Page.getLayoutMetrics").path("cssContentSize");
            parameters.put("captureBeyondViewport", true);
            parameters
                    .putObject("clip")
                    .put("x", 0)
                    .put("y", 0)
                    .put("width", size.path("width").asDouble())
                    .put("height", size.path("height").asDouble())
                    .put("scale", 1);
        }
        Files.createDirectories(file.getParent());
        Files.write(
                file,
                Base64.getDecoder()
                        .decode(page.call("Page.captureScreenshot", parameters)
                                .path("data")
                                .asText()));
    }

    @Override
    public void close() {
        try {
            // Its many processes end in order when it is asked to close.
            page.call("Browser.close");
            running.exit(Duration.ofSeconds(20));
        } catch (IOException e) {
            // It closed before it could answer.
        } finally {
            page.close();
            running.close();
        }
    }
}

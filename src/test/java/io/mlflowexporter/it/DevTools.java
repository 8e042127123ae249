package io.mlflowexporter.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Chromium's DevTools protocol: commands are answered by number, events come when they happen. */
final class DevTools implements AutoCloseable {
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(30);

    private record Event(String method, JsonNode parameters) {}

    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final WebSocket socket;

    DevTools(URI address) throws IOException {
        socket = await(HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(address, new Reader()));
    }

    /** Parameters as name, value, name, value … */
    JsonNode call(String method, Object... parameters) throws IOException {
        ObjectNode object = HttpGet.JSON.createObjectNode();
        for (int i = 0; i < parameters.length; i += 2) {
            object.set((String) parameters[i], HttpGet.JSON.valueToTree(parameters[i + 1]));
        }
        return call(method, object);
    }

    JsonNode call(String method, ObjectNode parameters) throws IOException {
        int id = lastId.incrementAndGet();
        ObjectNode message = HttpGet.JSON.createObjectNode();
        message.put("id", id).put("method", method).set("params", parameters);
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        await(socket.sendText(message.toString(), true));
        JsonNode answered = await(answer);
        if (answered.has("error")) {
            throw new IOException(method + ": " + answered.path("error"));
        }
        return answered.path("result");
    }

    List<JsonNode> events(String method) {
        return events.stream()
                .filter(event -> event.method().equals(method))
                .map(Event::parameters)
                .toList();
    }

    void forgetEvents() {
        events.clear();
    }

    @Override
    public void close() {
        socket.abort();
    }

    private static <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return future.get(ANSWERS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(e);
        }
    }

    private void received(String text) throws IOException {
        JsonNode message = HttpGet.JSON.readTree(text);
        CompletableFuture<JsonNode> answer = waiting.remove(message.path("id").asInt(-1));
        if (answer != null) {
            answer.complete(message);
        } else {
            events.add(new Event(message.path("method").asText(), message.path("params")));
        }
    }

    private void ended(IOException reason) {
        waiting.values().forEach(answer -> answer.completeExceptionally(reason));
    }

    private final class Reader implements WebSocket.Listener {
        private final StringBuilder parts = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            parts.append(data);
            if (last) {
                try {
                    received(parts.toString());
                } catch (IOException e) {
                    ended(e);
                }
                parts.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            ended(new IOException("the browser closed the connection"));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            ended(new IOException(error));
        }
    }
}

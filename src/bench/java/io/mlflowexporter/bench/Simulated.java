package io.mlflowexporter.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A simulated MLflow in a process of its own, and what is done to it. */
final class Simulated implements AutoCloseable {
    private static final Pattern URI_LINE = Pattern.compile("(?m)^URI (\\S+)$");
    private static final Pattern RUN_ID = Pattern.compile("\"run_id\" *: *\"([^\"]+)\"");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Program program;
    private final URI uri;

    private Simulated(Program program, URI uri) {
        this.program = program;
        this.uri = uri;
    }

    static Simulated start(int runs) throws IOException, InterruptedException {
        String heap = Math.max(256, runs / 250) + "m";
        Program program = Program.start(
                "simulated",
                Program.java(
                        "-Xmx" + heap,
                        "-XX:+UseParallelGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SimulatedServer.class.getName(),
                        Integer.toString(runs)),
                Map.of());
        Matcher line = program.await(URI_LINE, Duration.ofMinutes(5));
        return new Simulated(program, URI.create(line.group(1)));
    }

    URI uri() {
        return uri;
    }

    double residentMebibytes() throws IOException {
        return program.mebibytes("VmRSS");
    }

    /** Adds runs that began a minute ago and have finished. */
    void addRuns(int count) throws IOException, InterruptedException {
        long now = System.currentTimeMillis();
        for (int i = 0; i < count; i++) {
            String created = post(
                    "create",
                    "{\"experiment_id\":\"1\",\"run_name\":\"Training\",\"user_id\":\"ann\",\"start_time\":"
                            + (now - 60_000 + i) + "}");
            Matcher id = RUN_ID.matcher(created);
            if (!id.find()) {
                throw new IOException("no run was made: " + created);
            }
            post("update", "{\"run_id\":\"" + id.group(1) + "\",\"status\":\"FINISHED\",\"end_time\":" + now + "}");
        }
    }

    private String post(String what, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri.resolve("/api/2.0/mlflow/runs/" + what))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(what + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    @Override
    public void close() {
        program.close();
    }
}

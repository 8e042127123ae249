package io.mlflowexporter.conformance;

import io.mlflowexporter.testing.PythonEnvironment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** The Python client, which waits for what to do. */
final class ModelTeam implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final Writer in;

    ModelTeam(PythonEnvironment python, URI mlflow, Instant now) throws IOException {
        process = new ProcessBuilder(
                        python.python().toString(),
                        PythonEnvironment.script("story.py").toString(),
                        mlflow.toString(),
                        Long.toString(now.toEpochMilli()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        out = process.inputReader(StandardCharsets.UTF_8);
        in = process.outputWriter(StandardCharsets.UTF_8);
        await("ready");
    }

    void does(String step) throws IOException {
        in.write(step + "\n");
        in.flush();
        await("done " + step);
    }

    private void await(String said) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.equals(said)) {
                return;
            }
        }
        throw new AssertionError("the client ended before it said: " + said);
    }

    @Override
    public void close() throws IOException {
        in.close();
        process.destroy();
    }
}

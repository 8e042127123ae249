package io.mlflowexporter.cli;

import io.mlflowexporter.http.BoundedExchange;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.tls.ClientTls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A running exporter, and how it is asked. */
final class ExporterOptions {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;

    @Option(
            names = "--exporter",
            paramLabel = "URL",
            description =
                    "A running exporter: audit asks for its metrics, such as http://127.0.0.1:9818, estimate its status"
                            + " page, such as http://127.0.0.1:9819.")
    private @Nullable URI exporter;

    @Option(names = "--exporter-user", paramLabel = "NAME", description = "User name where the exporter wants one.")
    private @Nullable String user;

    @Option(
            names = "--exporter-password-file",
            paramLabel = "FILE",
            description = "File whose content is that user's password; spaces and line ends around it are left out.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--exporter-ca-file",
            paramLabel = "FILE",
            description =
                    "PEM file with the certificates to trust instead of the JDK's own where the exporter has TLS.")
    private @Nullable Path caFile;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    /**
     * What the exporter said.
     *
     * @param from the address, for messages
     */
    record Answer(String from, int status, String text) {
        /**
         * The text, where it is what was asked for.
         *
         * @param listener that has it
         * @throws IOException if it is not, with a line for the user
         */
        String expected(String listener) throws IOException {
            if (status != OK) {
                throw new IOException(from + " answered with HTTP status " + status
                        + "; is it the exporter's listener for " + listener + ", and of this version?");
            }
            return text;
        }
    }

    /**
     * Where it is, if that was given.
     *
     * @throws ParameterException if that is no address, or options go without those that they are for
     */
    Optional<URI> address() {
        if (exporter == null && (user != null || passwordFile != null || caFile != null)) {
            throw new ParameterException(command.commandLine(), "--exporter-… options are for --exporter");
        }
        if (user == null && passwordFile != null) {
            throw new ParameterException(command.commandLine(), "--exporter-password-file: of which --exporter-user?");
        }
        if (exporter == null) {
            return Optional.empty();
        }
        return Optional.of(checked("--exporter", exporter));
    }

    /**
     * An address of one of its listeners.
     *
     * @param option that it was given by
     * @throws ParameterException if it is none
     */
    URI checked(String option, URI address) {
        String scheme = String.valueOf(address.getScheme());
        if (address.getHost() == null || !scheme.matches("https?") || address.getUserInfo() != null) {
            throw new ParameterException(
                    command.commandLine(),
                    option + ": must be http://HOST:PORT or https://HOST:PORT, without a user name; that has an option"
                            + " of its own, --exporter-user");
        }
        return address;
    }

    /**
     * Asks it.
     *
     * @param longest in bytes
     * @throws IOException if it does not answer, or for a password, with a line for the user
     */
    Answer ask(URI asked, String accept, int longest) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(asked).timeout(ANSWER).header("Accept", accept);
        if (user != null) {
            String credentials = user + ":" + password();
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
        }
        HttpClient client = client();
        try {
            HttpResponse<byte[]> answer = BoundedExchange.send(client, request.build(), longest, ANSWER);
            if (answer.statusCode() == UNAUTHORIZED) {
                throw new IOException("it wants a user name and password: --exporter-user, --exporter-password-file");
            }
            return new Answer(shown(asked), answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new IOException(shown(asked) + " cannot be asked: " + why, e);
        }
    }

    private HttpClient client() throws IOException {
        HttpClient.Builder client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT);
        if (caFile != null) {
            try {
                client.sslContext(ClientTls.trusting(caFile, Reloads.uncounted()));
            } catch (IOException e) {
                throw new IOException("--exporter-ca-file: " + e.getMessage(), e);
            }
        }
        return client.build();
    }

    private String password() throws IOException {
        if (passwordFile == null) {
            return "";
        }
        try {
            return Files.readString(passwordFile).strip();
        } catch (IOException e) {
            throw new IOException("--exporter-password-file: " + passwordFile + " cannot be read", e);
        }
    }

    /** An address without what may be nobody's business. */
    static String shown(URI address) {
        return address.getScheme() + "://" + address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
    }
}

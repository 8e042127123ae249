package io.mlflowexporter.mlflow.rest.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mlflowexporter.http.BoundedBody;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.text.OneLine;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Asks an OAuth2 token endpoint for tokens. */
final class TokenEndpoint {
    /** What its requests are counted as. */
    static final String OPERATION = "oauth2/token";

    private static final JsonMapper JSON = new JsonMapper();
    private static final int MOST_SECONDS_DIGITS = 9;
    private static final int LONGEST_ANSWER = 256 << 10;

    /**
     * A token.
     *
     * @param seconds its life; empty where the endpoint does not say
     */
    record Token(String text, OptionalLong seconds) {
        @Override
        public String toString() {
            return "Token[" + seconds + "]";
        }
    }

    /** Where the client's id and secret go: RFC 6749 wants the first, some endpoints know the second only. */
    private enum Style {
        HEADER,
        FORM
    }

    private final TokenGrant grant;
    private final HttpClient client;
    private final Proxies proxies;
    private final RequestCounter requests;
    private Style style;
    private boolean proven;

    TokenEndpoint(TokenGrant grant, HttpClient client, Proxies proxies, RequestCounter requests) {
        this.grant = grant;
        this.client = client;
        this.proxies = proxies;
        this.requests = requests;
        this.style = grant.assertion() ? Style.FORM : Style.HEADER;
        this.proven = grant.assertion();
    }

    /**
     * A new token.
     *
     * @throws MlflowException if there is none, with a line for the user
     */
    Token token(Duration limit) throws MlflowException {
        HttpResponse<byte[]> response = ask(style, limit);
        if (!proven && wantsForm(response)) {
            HttpResponse<byte[]> other = ask(Style.FORM, limit);
            if (other.statusCode() == 200) {
                style = Style.FORM;
            }
            response = other;
        }
        Token token = read(response);
        proven = true;
        return token;
    }

    /** Whether the endpoint may not have seen the id and the secret. */
    private static boolean wantsForm(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        String error = json(response).map(node -> node.path("error").asText("")).orElse("");
        return status == 401
                || (status == 400
                        && (error.isEmpty() || error.equals("invalid_client") || error.equals("invalid_request")));
    }

    private HttpResponse<byte[]> ask(Style how, Duration limit) throws MlflowException {
        long started = System.nanoTime();
        String code = "unreachable";
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request(how, grant.secret().read()), info -> BoundedBody.ofBytes(LONGEST_ANSWER));
        try {
            HttpResponse<byte[]> response = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            code = Integer.toString(response.statusCode());
            if (response.statusCode() == 407) {
                // The proxy's, and without a body where a tunnel was asked for.
                throw problem(Kind.UNREACHABLE, Proxies.WANTS_CREDENTIALS, "", null);
            }
            return response;
        } catch (TimeoutException e) {
            code = "timeout";
            answer.cancel(true);
            throw problem(
                    Kind.UNREACHABLE,
                    "no whole answer within " + limit.toMillis() / 1000.0 + " s; is it overloaded?",
                    "",
                    e);
        } catch (InterruptedException e) {
            code = "interrupted";
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new MlflowException(Kind.INTERRUPTED, "stopped while asking for an OAuth2 token", e);
        } catch (ExecutionException e) {
            Throwable cause = telling(e);
            Optional<String> proxy = proxies.explain(grant.tokenUrl(), cause);
            throw problem(
                    Kind.UNREACHABLE,
                    proxy.orElse(why(cause)),
                    proxy.isPresent() ? "" : cause.getClass().getSimpleName() + ": " + cause.getMessage(),
                    e);
        } finally {
            requests.ended(OPERATION, code, System.nanoTime() - started);
        }
    }

    /** The cause that tells most: the JDK wraps some in others. */
    private static Throwable telling(ExecutionException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof HttpConnectTimeoutException
                    || cause instanceof UnknownHostException
                    || cause instanceof SSLException) {
                return cause;
            }
        }
        return failure.getCause() == null ? failure : failure.getCause();
    }

    private static String why(Throwable cause) {
        if (cause instanceof HttpConnectTimeoutException) {
            return "no connection within mlflow.connect_timeout; check the address and the network";
        }
        if (cause instanceof UnknownHostException
                || cause instanceof UnresolvedAddressException
                || cause.getCause() instanceof UnresolvedAddressException) {
            return "the host name is not known; check token_url";
        }
        if (cause instanceof ConnectException) {
            return "nothing answers there; check token_url";
        }
        if (cause instanceof SSLException) {
            return "TLS failed; check token_url and tls_config";
        }
        return "the connection broke";
    }

    private HttpRequest request(Style how, String secret) throws MlflowException {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "client_credentials");
        if (!grant.scopes().isEmpty()) {
            form.put("scope", String.join(" ", grant.scopes()));
        }
        form.putAll(grant.params());
        HttpRequest.Builder request = HttpRequest.newBuilder(grant.tokenUrl())
                .header("Accept", "application/json")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("User-Agent", "mlflow-exporter");
        if (grant.assertion()) {
            form.put("client_id", grant.clientId());
            form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            form.put("client_assertion", secret);
        } else if (how == Style.FORM) {
            form.put("client_id", grant.clientId());
            form.put("client_secret", secret);
        } else {
            // Encoded before they are put together: RFC 6749, 2.3.1.
            request.header(
                    Authorizations.HEADER, Authorizations.basicValue(encoded(grant.clientId()), encoded(secret)));
        }
        proxies.header(grant.tokenUrl()).ifPresent(header -> request.header(header.name(), header.value()));
        String body = form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
        return request.POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    private Token read(HttpResponse<byte[]> response) throws MlflowException {
        int status = response.statusCode();
        Optional<JsonNode> json = json(response);
        if (status != 200) {
            throw refused(status, response, json);
        }
        String token = json.map(node -> node.path("access_token").asText("")).orElse("");
        if (token.isEmpty()) {
            throw problem(
                    Kind.BAD_ANSWER,
                    "the answer has no access_token; is token_url the address that issues tokens?",
                    json.isPresent() ? "" : words(response),
                    null);
        }
        if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw problem(Kind.BAD_ANSWER, "the access_token has characters that no header can carry", "", null);
        }
        JsonNode life = json.orElseThrow().path("expires_in");
        String digits = life.isNumber() ? Long.toString(life.asLong()) : life.asText("");
        boolean known = digits.matches("[0-9]{1," + MOST_SECONDS_DIGITS + "}") && !digits.equals("0");
        return new Token(token, known ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty());
    }

    private MlflowException refused(int status, HttpResponse<byte[]> response, Optional<JsonNode> json) {
        String detail = json.map(node -> node.path("error").asText("") + " "
                        + node.path("error_description").asText(""))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .orElse(words(response));
        if (status == 429 || status >= 500) {
            return problem(Kind.UNAVAILABLE, "HTTP " + status, detail, null);
        }
        return problem(
                status < 400 ? Kind.BAD_ANSWER : Kind.UNAUTHORIZED,
                status < 400
                        ? "HTTP " + status + " instead of a token; check token_url"
                        : "HTTP " + status + "; check client_id, client_secret, scopes and endpoint_params",
                detail,
                null);
    }

    private static Optional<JsonNode> json(HttpResponse<byte[]> response) {
        try {
            JsonNode node = JSON.readTree(response.body());
            return Optional.ofNullable(node).filter(JsonNode::isObject);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String words(HttpResponse<byte[]> response) {
        String text = new String(response.body(), StandardCharsets.UTF_8).strip();
        return text.startsWith("<") ? "an HTML page; is it a login page?" : text;
    }

    private MlflowException problem(Kind kind, String why, String detail, @Nullable Throwable cause) {
        return new MlflowException(
                kind, "cannot get an OAuth2 token from " + grant.address() + ": " + why, OneLine.of(detail), cause);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

package io.mlflowexporter.mlflow.rest.transport;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.auth.Proxies;
import io.mlflowexporter.mlflow.rest.auth.RequestAuth;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the HTTP request of a call, with the credentials the server and a proxy want. Safe for use by several threads. */
final class RequestFactory {
    private static final String WORKSPACE_HEADER = "X-MLFLOW-WORKSPACE";

    private final URI base;
    private final RequestAuth auth;
    private final Proxies proxies;
    private final AnswerErrors errors;

    RequestFactory(URI base, RequestAuth auth, Proxies proxies, AnswerErrors errors) {
        this.base = base;
        this.auth = auth;
        this.proxies = proxies;
        this.errors = errors;
    }

    /** Whether there are other credentials now than those in the refused Authorization header. */
    boolean renewed(String refused) {
        synchronized (auth) {
            return auth.renew(refused);
        }
    }

    /**
     * The request, to be answered within the limit, which getting credentials counts against.
     *
     * @throws FailedAttempt if credentials could not be got now and it may be tried again
     */
    HttpRequest request(Call call, Duration limit) throws FailedAttempt, MlflowException {
        URI uri = URI.create(base + call.path());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "application/json");
        headers.put("Accept-Encoding", "gzip");
        headers.put("User-Agent", "mlflow-exporter");
        if (!call.workspace().isEmpty()) {
            headers.put(WORKSPACE_HEADER, call.workspace());
        }
        call.body().ifPresent(body -> headers.put("Content-Type", "application/json"));
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        for (Map.Entry<String, String> header : headers.entrySet()) {
            header(request, header.getKey(), header.getValue(), call, "the workspace's name holds");
        }
        String method = call.body().isPresent() ? "POST" : "GET";
        for (RequestAuth.Header header :
                credentials(new RequestAuth.Outgoing(method, uri, call.body().orElse(""), headers), limit)) {
            header(request, header.name(), header.value(), call, "the credentials hold");
        }
        call.body().ifPresent(body -> request.POST(HttpRequest.BodyPublishers.ofString(body)));
        return request.build();
    }

    private List<RequestAuth.Header> credentials(RequestAuth.Outgoing request, Duration limit)
            throws FailedAttempt, MlflowException {
        try {
            List<RequestAuth.Header> headers;
            synchronized (auth) {
                headers = new ArrayList<>(auth.headers(request, limit));
            }
            proxies.header(request.uri()).ifPresent(headers::add);
            return headers;
        } catch (MlflowException e) {
            if (e.kind() == Kind.UNREACHABLE || e.kind() == Kind.UNAVAILABLE) {
                throw new FailedAttempt(e, true, Optional.empty());
            }
            throw e;
        }
    }

    private void header(HttpRequest.Builder request, String name, String value, Call call, String what)
            throws MlflowException {
        try {
            request.header(name, value);
        } catch (IllegalArgumentException e) {
            // Its message quotes the value, which may be a secret: it is not passed on as a cause either.
            throw errors.problem(
                    Kind.UNAUTHORIZED,
                    call,
                    what + " a line end or another character that no HTTP header can carry; check mlflow.auth",
                    "",
                    null);
        }
    }
}

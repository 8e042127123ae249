package io.mlflowexporter.web;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.util.Set;

/** Asks the gate before each request to the JDK's HTTP server, and puts its headers on every answer. */
final class GateAuthenticator extends Authenticator {
    /** For load balancers and probes, which have no password; the answer is that the listener answers. */
    private static final Set<String> OPEN = Set.of("/-/healthy");

    private static final HttpPrincipal SOMEONE = new HttpPrincipal("someone", "mlflow-exporter");

    private final Gate gate;

    GateAuthenticator(Gate gate) {
        this.gate = gate;
    }

    @Override
    public Result authenticate(HttpExchange exchange) {
        gate.headers().forEach(exchange.getResponseHeaders()::set);
        Gate.Verdict verdict = gate.decide(
                exchange.getRemoteAddress().getAddress(),
                exchange.getRequestURI().getPath(),
                OPEN,
                exchange.getRequestHeaders().getFirst("Authorization"));
        if (verdict.in()) {
            return new Success(SOMEONE);
        }
        verdict.headers().forEach(exchange.getResponseHeaders()::set);
        return new Failure(verdict.status());
    }
}

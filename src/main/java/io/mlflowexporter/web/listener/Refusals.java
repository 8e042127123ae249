package io.mlflowexporter.web.listener;

import io.mlflowexporter.web.access.AccessGate;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers what never reaches a handler, such as a request that is no HTTP: a line, and the headers of every answer. */
public final class Refusals extends ErrorHandler {
    private final AccessGate gate;

    public Refusals(AccessGate gate) {
        this.gate = gate;
    }

    @Override
    protected void generateResponse(
            Request request, Response response, int code, String message, Throwable cause, Callback callback) {
        gate.headers().forEach(response.getHeaders()::put);
        RequestGuard.answer(request, response, callback, code, "HTTP status " + code);
    }
}

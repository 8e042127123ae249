package io.mlflowexporter.web;

import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers what never reaches a handler, such as a request that is no HTTP: a line, and the headers of every answer. */
final class Refusals extends ErrorHandler {
    private final Gate gate;

    Refusals(Gate gate) {
        this.gate = gate;
    }

    @Override
    protected void generateResponse(
            Request request, Response response, int code, String message, Throwable cause, Callback callback) {
        gate.headers().forEach(response.getHeaders()::put);
        Door.answer(request, response, callback, code, "HTTP status " + code);
    }
}

package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.core.JsonParser;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.HttpTransport.Call;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads one kind of list, page by page by MLflow's tokens. These are offsets, which hold for pages of any size: one
 * that is too large is asked for again with half as many elements, and that is remembered.
 */
final class ListPager {
    /** Below which a page is not halved, where the server may not heed how many are asked for. */
    private static final int FEW = 1_000;

    private static final int FIRST_LIMIT = 10_000;

    /** Makes the request for a page of so many elements, 0 for as many as the server gives. */
    interface CallFor {
        Call page(int most, String token);
    }

    /** Makes an element of the value at the parser's position. */
    interface Element<T> {
        T read(JsonParser parser) throws IOException;
    }

    private final HttpTransport transport;
    private final String array;
    private final int least;
    private int most;

    private ListPager(HttpTransport transport, String array, int most, int least) {
        this.transport = transport;
        this.array = array;
        this.most = most;
        this.least = least;
    }

    /** Asks for so many elements at once at most. */
    static ListPager of(HttpTransport transport, String array, int most) {
        return new ListPager(transport, array, most, 1);
    }

    /** Names no number until a page is too large. */
    static ListPager unlimited(HttpTransport transport, String array) {
        return new ListPager(transport, array, 0, FEW);
    }

    /** Delivers each page when it has come whole. */
    <T> void read(CallFor calls, Element<T> element, Consumer<T> sink) throws MlflowException {
        Set<String> tokens = new HashSet<>();
        String token = "";
        do {
            List<T> page = new ArrayList<>();
            String next = page(calls, token, element, page);
            page.forEach(sink);
            if (!next.isEmpty() && !tokens.add(next)) {
                throw transport.problem(
                        Kind.BAD_ANSWER, calls.page(most, token), "the server repeats a page token for ever", "", null);
            }
            token = next;
        } while (!token.isEmpty());
    }

    private <T> String page(CallFor calls, String token, Element<T> element, List<T> page) throws MlflowException {
        int before = most;
        while (true) {
            page.clear();
            try {
                Pages.Page read =
                        Pages.read(transport, calls.page(most, token), array, value -> page.add(element.read(value)));
                if (read.bytes() > transport.room().page() && fewer() >= least) {
                    most = fewer();
                }
                return read.next();
            } catch (MlflowException e) {
                if (e.kind() != Kind.TOO_LARGE || fewer() < least) {
                    most = before;
                    throw e;
                }
                most = fewer();
            }
        }
    }

    private int fewer() {
        return most == 0 ? FIRST_LIMIT : most / 2;
    }
}

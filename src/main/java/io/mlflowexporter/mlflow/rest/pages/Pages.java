package io.mlflowexporter.mlflow.rest.pages;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.mlflowexporter.http.BoundedBody.TooLongException;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.transport.BoundedInput;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.util.function.ObjLongConsumer;

/** Reads answers that are a page: an array under a name, and the token of the next page. */
public final class Pages {
    /**
     * What a page came to.
     *
     * @param next the next page's token, empty after the last
     * @param bytes of the answer, unpacked
     */
    public record Page(String next, long bytes) {}

    private Pages() {}

    /** No server's is a tenth as long: all of a list are remembered while it is read. */
    private static final int LONGEST_TOKEN = 8_192;

    /** Reads an answer that is one object under a name; calls nothing where it is missing. */
    public static void readObject(HttpTransport transport, Call call, String objectName, Json.Reader object)
            throws MlflowException {
        readObject(transport, call, transport.send(call), objectName, object);
    }

    /**
     * As {@link #readObject(HttpTransport, Call, String, Json.Reader)}, of an answer that is too large to be held.
     *
     * @return the bytes it came to
     */
    public static long streamObject(HttpTransport transport, Call call, String objectName, Json.Reader object)
            throws MlflowException {
        BoundedInput answer = transport.stream(call, Long.MAX_VALUE);
        readObject(transport, call, answer, objectName, object);
        return answer.count();
    }

    private static void readObject(
            HttpTransport transport, Call call, BoundedInput answer, String objectName, Json.Reader object)
            throws MlflowException {
        try (BoundedInput body = answer;
                JsonParser parser = Json.parser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw notMlflows(transport, call);
            }
            Json.object(parser, (name, value) -> {
                if (name.equals(objectName)) {
                    object.read(value);
                }
            });
        } catch (IOException e) {
            throw unreadable(transport, call, e);
        }
    }

    /** Reads one page. */
    public static Page read(HttpTransport transport, Call call, String arrayName, Json.Reader elements)
            throws MlflowException {
        return read(transport, call, transport.room().limit(), arrayName, elements);
    }

    /**
     * Reads one page.
     *
     * @param limit the largest answer accepted, bytes
     */
    public static Page read(HttpTransport transport, Call call, long limit, String arrayName, Json.Reader elements)
            throws MlflowException {
        return read(transport, call, transport.send(call, limit), arrayName, elements);
    }

    /** As {@link #read}, of an answer that is too large to be held: elements are made of it as it comes. */
    public static Page stream(HttpTransport transport, Call call, String arrayName, Json.Reader elements)
            throws MlflowException {
        return read(transport, call, transport.stream(call, transport.room().streamed()), arrayName, elements);
    }

    /**
     * As {@link #stream(HttpTransport, Call, String, Json.Reader)}, however many elements there are and whatever one of
     * them comes to; only the time limits it.
     *
     * @param taker hears of each element and of the bytes it came to, to some thousands
     */
    static <T> Page stream(
            HttpTransport transport,
            Call call,
            String arrayName,
            ListPager.Element<T> element,
            ObjLongConsumer<T> taker)
            throws MlflowException {
        BoundedInput answer = transport.stream(call, Long.MAX_VALUE);
        return read(transport, call, answer, arrayName, value -> {
            long before = answer.count();
            T read = element.read(value);
            taker.accept(read, answer.count() - before);
        });
    }

    public static Page read(
            HttpTransport transport, Call call, BoundedInput answer, String arrayName, Json.Reader elements)
            throws MlflowException {
        try (BoundedInput body = answer;
                JsonParser parser = Json.parser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw notMlflows(transport, call);
            }
            String[] token = {""};
            String[] error = {""};
            // MLflow leaves an empty array out, so an answer without any field is one of its own.
            boolean[] foreign = {false};
            boolean[] own = {false};
            Json.object(parser, (name, value) -> {
                if (name.equals(arrayName)) {
                    own[0] = true;
                    Json.array(value, elements);
                } else if (name.equals("next_page_token")) {
                    own[0] = true;
                    token[0] = Json.whole(value);
                } else if (name.equals("error_code")) {
                    own[0] = true;
                    error[0] = Json.text(value);
                } else {
                    foreign[0] = true;
                }
            });
            // Reads on to the end, which also has a compressed answer's checksum compared.
            if (parser.nextToken() != null) {
                throw new IOException("something follows after the end of the JSON");
            }
            if (foreign[0] && !own[0]) {
                // Read as an empty list, another program's answer would make everything known seem gone.
                throw notMlflows(transport, call);
            }
            if (!error[0].isEmpty()) {
                throw transport.problem(
                        Kind.BAD_ANSWER, call, "the answer is an error with HTTP status 200", error[0], null);
            }
            if (token[0].length() > LONGEST_TOKEN) {
                throw transport.problem(
                        Kind.BAD_ANSWER, call, "a page token of " + token[0].length() + " characters", "", null);
            }
            return new Page(token[0], body.count());
        } catch (HttpTimeoutException e) {
            throw transport.problem(Kind.TIMEOUT, call, String.valueOf(e.getMessage()), "", e);
        } catch (IOException e) {
            throw unreadable(transport, call, e);
        }
    }

    private static MlflowException unreadable(HttpTransport transport, Call call, IOException e) {
        if (e instanceof TooLongException) {
            return transport.problem(
                    Kind.TOO_LARGE,
                    call,
                    "the answer unpacks to more than " + transport.room().why(),
                    "",
                    e);
        }
        return transport.problem(
                Kind.BAD_ANSWER,
                call,
                "the answer is not whole, valid JSON; is this the address of MLflow itself, or of a proxy's"
                        + " HTML page?",
                e instanceof JsonProcessingException json ? json.getOriginalMessage() : String.valueOf(e.getMessage()),
                e);
    }

    private static MlflowException notMlflows(HttpTransport transport, Call call) {
        return transport.problem(
                Kind.BAD_ANSWER, call, "the answer is JSON, but not MLflow's; check the address", "", null);
    }
}

package io.mlflowexporter.mlflow.rest.pages;

import com.fasterxml.jackson.core.JsonParser;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads one kind of list, page by page by MLflow's tokens. These are offsets, which hold for pages of any size: one that
 * is too large or takes the server too long is asked for again with fewer elements, and that is remembered. Where few elements are too large already, one of
 * them is: the page is then read as it comes, so that it takes no more than what is kept of it, and an element that alone
 * is larger than an answer may be is passed over and named.
 */
public final class ListPager {
    /** Below which a page is not halved: else one large element would cost a request for each of the others. */
    private static final int FEW = 100;

    /** As {@link #FEW}, where the server may not heed how many are asked for. */
    private static final int FEW_POINTS = 1_000;

    private static final int FIRST_LIMIT = 10_000;
    /** What a server may be asked for that refuses more. */
    private static final int MODEST = 100;

    /** In a row without anything new; servers that filter may have some. */
    private static final int MOST_IDLE_PAGES = 100;

    /** Makes the request for a page of so many elements, 0 for as many as the server gives. */
    public interface CallFor {
        Call page(int most, String token);
    }

    /** Makes an element of the value at the parser's position. */
    public interface Element<T> {
        T read(JsonParser parser) throws IOException;
    }

    /** Takes the elements. */
    public interface Sink<T> {
        /** Whether it was new. */
        boolean take(T element);

        /** Takes one that alone is larger than an answer may be; whether it was new. */
        default boolean tooLarge(T element) {
            return take(element);
        }

        /** Whether there is no room for more. */
        boolean full();
    }

    private final HttpTransport transport;
    private final String array;
    private final int least;
    /** Empty where the server gives as many as it likes. */
    private Optional<PageSize> size;
    /** The most that were ever asked for and given. */
    private int given;

    private ListPager(HttpTransport transport, String array, Optional<PageSize> size, int least) {
        this.transport = transport;
        this.array = array;
        this.size = size;
        this.least = least;
    }

    /** Asks for so many elements at once at most. */
    public static ListPager of(HttpTransport transport, String array, int most) {
        return new ListPager(
                transport,
                array,
                Optional.of(new PageSize(most, most, transport.room().page())),
                1);
    }

    /** Names no number until a page is too large. */
    public static ListPager unlimited(HttpTransport transport, String array) {
        return new ListPager(transport, array, Optional.empty(), FEW_POINTS);
    }

    /** Delivers each page when it has come whole, until all were or the sink is full. */
    public <T> void read(CallFor calls, Element<T> element, Sink<T> sink) throws MlflowException {
        SeenTexts tokens = new SeenTexts();
        int idle = 0;
        String token = "";
        do {
            News<T> news = new News<>(sink);
            String next = page(calls, token, element, news);
            idle = news.any ? 0 : idle + 1;
            if (!next.isEmpty() && !tokens.add(next)) {
                throw endless(calls.page(most(), token), "the server repeats a page token for ever");
            }
            if (idle > MOST_IDLE_PAGES) {
                throw endless(calls.page(most(), token), "the server gives page after page without anything new");
            }
            token = next;
        } while (!token.isEmpty() && !sink.full());
    }

    /** Whether any element of a page was new. */
    private static final class News<T> {
        private final Sink<T> sink;
        private boolean any;

        News(Sink<T> sink) {
            this.sink = sink;
        }

        void take(T element) {
            any |= sink.take(element);
        }

        void tooLarge(T element) {
            any |= sink.tooLarge(element);
        }
    }

    private MlflowException endless(Call call, String why) {
        return transport.problem(Kind.BAD_ANSWER, call, why, "", null);
    }

    private <T> String page(CallFor calls, String token, Element<T> element, News<T> sink) throws MlflowException {
        while (true) {
            List<T> page = new ArrayList<>();
            int asked = most();
            long started = System.nanoTime();
            try {
                Call call = asked > given ? tried(calls.page(asked, token)) : calls.page(asked, token);
                Pages.Page read = Pages.read(transport, call, array, value -> page.add(element.read(value)));
                given = Math.max(given, asked);
                if (size.isPresent()) {
                    size.get().took(page.size(), read.bytes(), System.nanoTime() - started);
                } else if (read.bytes() > transport.room().page()) {
                    limit();
                }
                page.forEach(sink::take);
                return read.next();
            } catch (MlflowException e) {
                boolean canBeLess = size.isEmpty() || asked / 2 >= least;
                switch (e.kind()) {
                    case TIMEOUT, REFRESH_OVER, GAVE_UP ->
                        limit().tooSlow(
                                        e,
                                        asked == 0 ? FIRST_LIMIT : asked,
                                        canBeLess && transport.hasTimeToRepeat(started));
                    case TOO_LARGE -> {
                        if (size.isEmpty()) {
                            limit();
                        } else if (asked / 2 < Math.max(least, mayBeLarger() ? FEW : 1)) {
                            return streamed(calls.page(asked, token), element, sink);
                        } else {
                            size.get().tooLarge(asked);
                        }
                    }
                    case REJECTED -> {
                        if (asked <= MODEST || !token.isEmpty() || !accepts(calls)) {
                            throw e;
                        }
                        limit().refused(asked);
                    }
                    default -> throw e;
                }
            }
        }
    }

    private <T> String streamed(Call call, Element<T> element, News<T> sink) throws MlflowException {
        long most = transport.room().streamed();
        return Pages.stream(transport, call, array, element, (one, bytes) -> {
                    if (bytes > most) {
                        sink.tooLarge(one);
                    } else {
                        sink.take(one);
                    }
                })
                .next();
    }

    /** Whether a page may be larger that is not held: else pages are as small as can be before one is read so. */
    private boolean mayBeLarger() {
        return transport.room().streamed() > transport.room().limit();
    }

    private static Call tried(Call call) {
        Set<Integer> refusal = new HashSet<>(call.refusal());
        refusal.addAll(Call.BAD_REQUEST);
        return call.mayBeRefused(refusal);
    }

    private boolean accepts(CallFor calls) throws MlflowException {
        try {
            Pages.read(transport, tried(calls.page(MODEST, "")), array, value -> {});
            return true;
        } catch (MlflowException e) {
            if (e.kind() == Kind.REJECTED) {
                return false;
            }
            throw e;
        }
    }

    private PageSize limit() {
        PageSize limit = size.orElseGet(
                () -> new PageSize(FIRST_LIMIT, FIRST_LIMIT, transport.room().page()));
        size = Optional.of(limit);
        return limit;
    }

    private int most() {
        return size.map(PageSize::runs).orElse(0);
    }
}

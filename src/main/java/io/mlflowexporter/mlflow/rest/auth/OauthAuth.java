package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.connection.HttpHeader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sends a token that is fetched when it is needed, anew before it expires, and anew when the server refuses it. While
 * the token endpoint cannot be reached, a token goes on being used until it has expired. For one thread at a time.
 */
final class OauthAuth implements RequestAuth {
    /** A token is fetched anew when so much of its life is left, or a tenth of it if that is less. */
    private static final Duration BEFORE_END = Duration.ofMinutes(1);
    /** Between fetches where the token in use is still good, or may have been refused for another reason. */
    private static final Duration BETWEEN_FETCHES = Duration.ofSeconds(10);

    private record Held(String text, Instant fetched, Instant renew, Instant end) {
        /** Of a clock set back nobody knows how much of the token's life is left. */
        boolean isGood(Instant now) {
            return !now.isBefore(fetched) && now.isBefore(end);
        }
    }

    private final TokenEndpoint endpoint;
    private final Map<String, HttpHeader> more;
    private final InstantSource clock;
    private Optional<Held> held = Optional.empty();
    private Instant nextEarly = Instant.MIN;

    /**
     * Fetches nothing yet.
     *
     * @param more headers to send as well
     */
    OauthAuth(TokenEndpoint endpoint, Map<String, HttpHeader> more, InstantSource clock) {
        this.endpoint = endpoint;
        this.more = more;
        this.clock = clock;
    }

    @Override
    public List<Header> headers(Outgoing request, Duration limit) throws MlflowException {
        List<Header> headers = new ArrayList<>(ConfiguredAuth.configured(more));
        headers.add(Authorizations.bearer(token(limit)));
        return headers;
    }

    private String token(Duration limit) throws MlflowException {
        Instant now = clock.instant();
        boolean good = held.isPresent() && held.get().isGood(now);
        if (good && (now.isBefore(held.get().renew()) || pausing(now))) {
            return held.get().text();
        }
        try {
            held = Optional.of(fetched(now, limit));
        } catch (MlflowException e) {
            if (!good || e.kind() == MlflowException.Kind.INTERRUPTED) {
                throw e;
            }
            // Counted; and told if it lasts until the token has expired.
            nextEarly = now.plus(BETWEEN_FETCHES);
        }
        return held.orElseThrow().text();
    }

    private Held fetched(Instant now, Duration limit) throws MlflowException {
        TokenEndpoint.Token token = endpoint.token(limit);
        if (token.seconds().isEmpty()) {
            return new Held(token.text(), now, Instant.MAX, Instant.MAX);
        }
        Duration life = Duration.ofSeconds(token.seconds().getAsLong());
        Duration early = life.dividedBy(10);
        Instant end = now.plus(life);
        return new Held(token.text(), now, end.minus(early.compareTo(BEFORE_END) < 0 ? early : BEFORE_END), end);
    }

    /** Whether a fetch failed a moment ago; a clock set back does not make that long. */
    private boolean pausing(Instant now) {
        return now.isBefore(nextEarly) && !now.plus(BETWEEN_FETCHES).isBefore(nextEarly);
    }

    @Override
    public boolean renew(String refused) {
        if (held.isEmpty()) {
            return false;
        }
        Held old = held.get();
        if (!Authorizations.bearer(old.text()).value().equals(refused)) {
            // Another request was refused too, and fetched a newer one meanwhile.
            return true;
        }
        Instant now = clock.instant();
        boolean fresh =
                !now.isBefore(old.fetched()) && now.isBefore(old.fetched().plus(BETWEEN_FETCHES));
        if (fresh || pausing(now)) {
            return false;
        }
        // Kept, as it may have been refused for another reason and the token endpoint may not answer.
        held = Optional.of(new Held(old.text(), old.fetched(), Instant.MIN, old.end()));
        return true;
    }
}

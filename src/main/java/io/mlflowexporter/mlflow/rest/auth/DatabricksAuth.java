package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.connection.HttpHeader;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Databricks' credentials, read anew for each request: a token, a password, or OAuth between machines. */
final class DatabricksAuth implements RequestAuth {
    private final URI host;
    private final Optional<String> profile;
    private final Map<String, String> environment;
    private final Map<String, HttpHeader> more;
    private final Function<TokenGrant, OauthAuth> oauth;
    private Optional<DatabricksLogin> last = Optional.empty();
    private Optional<OauthAuth> tokens = Optional.empty();

    /**
     * Sends nothing yet.
     *
     * @param host what all requests go to
     */
    DatabricksAuth(
            URI host,
            Optional<String> profile,
            Map<String, String> environment,
            Map<String, HttpHeader> more,
            Function<TokenGrant, OauthAuth> oauth) {
        this.host = host;
        this.profile = profile;
        this.environment = environment;
        this.more = more;
        this.oauth = oauth;
    }

    @Override
    public List<Header> headers(Outgoing request, Duration limit) throws MlflowException {
        DatabricksLogin login = DatabricksLogin.read(profile, environment);
        if (!login.host().equals(host)) {
            // What is meant for another host is not shown to this one.
            throw new MlflowException(
                    MlflowException.Kind.UNAUTHORIZED,
                    "cannot use Databricks: the profile now names another host; restart the exporter");
        }
        if (login.token().isEmpty() && login.username().isEmpty()) {
            if (!Optional.of(login).equals(last)) {
                tokens = Optional.of(oauth.apply(grant(login)));
                last = Optional.of(login);
            }
            return tokens.orElseThrow().headers(request, limit);
        }
        List<Header> headers = new ArrayList<>(ConfiguredAuth.configured(more));
        headers.add(
                login.token().isPresent()
                        ? Authorizations.bearer(login.token().get())
                        : Authorizations.basic(
                                login.username().orElseThrow(), login.password().orElse("")));
        return headers;
    }

    private static TokenGrant grant(DatabricksLogin login) {
        String secret = login.clientSecret().orElseThrow();
        return new TokenGrant(
                URI.create(login.host() + "/oidc/v1/token"),
                login.clientId().orElseThrow(),
                List.of("all-apis"),
                Map.of(),
                () -> secret,
                false);
    }

    @Override
    public boolean renew(String refused) {
        return tokens.isPresent() && tokens.get().renew(refused);
    }
}

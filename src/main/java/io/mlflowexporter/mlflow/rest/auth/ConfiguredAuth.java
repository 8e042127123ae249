package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.connection.HttpHeader;
import io.mlflowexporter.mlflow.connection.MlflowConfig.Credentials;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Credentials and headers of the configuration, else the credentials in the address. */
final class ConfiguredAuth implements RequestAuth {
    private final Credentials auth;
    private final Optional<Header> inAddress;

    private ConfiguredAuth(Credentials auth, Optional<Header> inAddress) {
        this.auth = auth;
        this.inAddress = inAddress;
    }

    static ConfiguredAuth of(Credentials auth, URI address) {
        boolean none = auth.username().isEmpty()
                && auth.token().isEmpty()
                && auth.tokenFile().isEmpty();
        return new ConfiguredAuth(
                auth,
                none ? Optional.ofNullable(address.getRawUserInfo()).map(ConfiguredAuth::basic) : Optional.empty());
    }

    private static Header basic(String userInfo) {
        String[] parts = userInfo.split(":", 2);
        return Authorizations.basic(decoded(parts[0]), parts.length > 1 ? decoded(parts[1]) : "");
    }

    static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public List<Header> headers(Outgoing request, Duration limit) throws MlflowException {
        List<Header> headers = new ArrayList<>(configured(auth.httpHeaders()));
        Optional<String> token = SecretFile.either(auth.token(), auth.tokenFile(), "token");
        if (token.isPresent() && !token.get().isEmpty()) {
            headers.add(Authorizations.bearer(token.get()));
        } else if (auth.username().isPresent()) {
            String password = SecretFile.either(auth.password(), auth.passwordFile(), "password")
                    .orElse("");
            headers.add(Authorizations.basic(auth.username().get(), password));
        } else {
            inAddress.ifPresent(headers::add);
        }
        return headers;
    }

    /** The headers of {@code http_headers}, their files read. */
    static List<Header> configured(Map<String, HttpHeader> configured) throws MlflowException {
        List<Header> headers = new ArrayList<>();
        for (Map.Entry<String, HttpHeader> entry : configured.entrySet()) {
            String name = entry.getKey();
            HttpHeader header = entry.getValue();
            header.values().forEach(value -> headers.add(new Header(name, value)));
            header.secrets().forEach(value -> headers.add(new Header(name, value)));
            for (Path file : header.files()) {
                String value = SecretFile.read(file, "header " + name);
                if (value.isEmpty() || value.chars().anyMatch(Character::isISOControl)) {
                    throw new MlflowException(
                            MlflowException.Kind.UNAUTHORIZED,
                            "cannot send the header " + name + " from " + file + ": the file "
                                    + (value.isEmpty() ? "is empty" : "has more than one line")
                                    + "; write the value alone into it, on one line");
                }
                headers.add(new Header(name, value));
            }
        }
        return headers;
    }
}

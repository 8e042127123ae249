package io.mlflowexporter.web.access;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a client gives for HTTP's basic authentication (RFC 7617). */
final class Credentials {
    private static final int LONGEST = 4096;
    private static final String BASIC = "basic ";

    private final String name;
    private final byte[] password;

    private Credentials(String name, byte[] password) {
        this.name = name;
        this.password = password;
    }

    /**
     * Reads a header.
     *
     * @return empty where it is something else
     */
    static Optional<Credentials> of(String authorization) {
        if (authorization.length() > LONGEST
                || !authorization.toLowerCase(Locale.ROOT).startsWith(BASIC)) {
            return Optional.empty();
        }
        byte[] pair;
        try {
            pair = Base64.getDecoder()
                    .decode(authorization.substring(BASIC.length()).strip());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        int colon = 0;
        while (colon < pair.length && pair[colon] != ':') {
            colon++;
        }
        return colon == pair.length
                ? Optional.empty()
                : Optional.of(new Credentials(
                        new String(pair, 0, colon, StandardCharsets.UTF_8),
                        Arrays.copyOfRange(pair, colon + 1, pair.length)));
    }

    boolean remembered(Map<String, PasswordHash> users, Passwords passwords) {
        return passwords.remembered(users, name, password);
    }

    Passwords.Answer check(Map<String, PasswordHash> users, Passwords passwords, int failures) {
        return passwords.check(users, name, password, failures);
    }
}

package io.mlflowexporter.web.access;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks passwords. An unknown name takes as long as a known one; what was right is remembered, for bcrypt is slow by
 * purpose and Prometheus asks all day. One hash is computed at a time, so that guessing takes one processor at most.
 */
public final class Passwords {
    private static final String HMAC = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final int MOST_REMEMBERED = 256;
    /** Since it was last used. */
    static final Duration REMEMBERED = Duration.ofHours(1);

    private static final long LONGEST_WAIT_SECONDS = 20;

    /** What came of a check. */
    enum Answer {
        RIGHT,
        WRONG,
        /** So many are being checked that this one was not. */
        BUSY
    }

    private final SecretKeySpec key;
    private final FairTurns computing = new FairTurns();
    private final Cache<String, Boolean> right;

    /** @param nanos a monotonic clock */
    public Passwords(LongSupplier nanos) {
        right = Caffeine.newBuilder()
                .maximumSize(MOST_REMEMBERED)
                .expireAfterAccess(REMEMBERED)
                .ticker(nanos::getAsLong)
                .executor(Runnable::run)
                .build();
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        key = new SecretKeySpec(random, HMAC);
    }

    /** Whether it was right before; waits for nothing. */
    boolean remembered(Map<String, PasswordHash> users, String name, byte[] password) {
        PasswordHash known = users.get(name);
        return known != null && right.getIfPresent(digest(bytes(name), known.text(), password)) != null;
    }

    /**
     * Checks.
     *
     * @param users at least one
     * @param failures those of the address that asks: the fewer, the sooner it has its turn
     */
    Answer check(Map<String, PasswordHash> users, String name, byte[] password, int failures) {
        if (remembered(users, name, password)) {
            return Answer.RIGHT;
        }
        PasswordHash known = users.get(name);
        PasswordHash hash = known == null ? decoy(users, name) : known;
        boolean matches;
        try {
            if (!computing.begin(failures, LONGEST_WAIT_SECONDS)) {
                return Answer.BUSY;
            }
            try {
                matches = matches(hash, password);
            } finally {
                computing.end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.BUSY;
        }
        if (known == null || !matches) {
            return Answer.WRONG;
        }
        right.put(digest(bytes(name), known.text(), password), true);
        return Answer.RIGHT;
    }

    /** The hash of a user chosen by the name, and always the same: so costs are spread as those of the known names. */
    private PasswordHash decoy(Map<String, PasswordHash> users, String name) {
        List<String> names = new ArrayList<>(users.keySet());
        Collections.sort(names);
        int choice = Integer.parseUnsignedInt(
                digest(bytes(name), "decoy", new byte[0]).substring(0, 7), 16);
        return Objects.requireNonNull(users.get(names.get(choice % names.size())));
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean matches(PasswordHash hash, byte[] password) {
        BCrypt.Version version = switch (hash.text().charAt(2)) {
            case 'a' -> BCrypt.Version.VERSION_2A;
            case 'b' -> BCrypt.Version.VERSION_2B;
            default -> BCrypt.Version.VERSION_2Y;
        };
        try {
            // Past 72 bytes bcrypt looks at nothing, here as in all other programs.
            return BCrypt.verifyer(version, LongPasswordStrategies.truncate(version))
                    .verify(password, hash.text().getBytes(StandardCharsets.US_ASCII))
                    .verified;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private String digest(byte[] name, String hash, byte[] password) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            // The hash is of fixed length and a name has no NUL: no two triples are written alike.
            mac.update(name);
            mac.update((byte) 0);
            mac.update(hash.getBytes(StandardCharsets.US_ASCII));
            mac.update((byte) 0);
            return HexFormat.of().formatHex(mac.doFinal(password));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + HMAC, e);
        }
    }
}

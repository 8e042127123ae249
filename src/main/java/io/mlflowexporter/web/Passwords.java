package io.mlflowexporter.web;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import io.mlflowexporter.config.PasswordHash;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks passwords. An unknown name takes as long as a known one; what was right is remembered, for bcrypt is slow by
 * purpose and Prometheus asks all day. One hash is computed at a time, so that guessing takes one processor at most.
 */
final class Passwords {
    private static final String HMAC = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final int MOST_REMEMBERED = 256;
    private static final int MOST_WAITING = 16;
    private static final long LONGEST_WAIT_SECONDS = 20;

    /** What came of a check. */
    enum Answer {
        RIGHT,
        WRONG,
        /** So many are being checked that this one was not. */
        BUSY
    }

    private final SecretKeySpec key;
    private final Semaphore computing = new Semaphore(1, true);
    private final Set<String> right = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_REMEMBERED;
        }
    }));

    Passwords() {
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        key = new SecretKeySpec(random, HMAC);
    }

    /**
     * Checks.
     *
     * @param users at least one
     */
    Answer check(Map<String, PasswordHash> users, String name, byte[] password) {
        PasswordHash known = users.get(name);
        PasswordHash hash = known == null ? decoy(users, name) : known;
        String remembered = digest(name.getBytes(StandardCharsets.UTF_8), hash.text(), password);
        if (known != null && right.contains(remembered)) {
            return Answer.RIGHT;
        }
        if (computing.getQueueLength() >= MOST_WAITING) {
            return Answer.BUSY;
        }
        boolean matches;
        try {
            if (!computing.tryAcquire(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                return Answer.BUSY;
            }
            try {
                matches = matches(hash, password);
            } finally {
                computing.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.BUSY;
        }
        if (known == null || !matches) {
            return Answer.WRONG;
        }
        right.add(remembered);
        return Answer.RIGHT;
    }

    /** The hash of a user chosen by the name, and always the same: so costs are spread as those of the known names. */
    private PasswordHash decoy(Map<String, PasswordHash> users, String name) {
        List<String> names = new ArrayList<>(users.keySet());
        Collections.sort(names);
        int choice = Integer.parseUnsignedInt(
                digest(name.getBytes(StandardCharsets.UTF_8), "decoy", new byte[0])
                        .substring(0, 7),
                16);
        return users.get(names.get(choice % names.size()));
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

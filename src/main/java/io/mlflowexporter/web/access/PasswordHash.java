package io.mlflowexporter.web.access;

import io.mlflowexporter.settings.value.BadValueException;
import io.mlflowexporter.settings.value.Quoted;
import io.mlflowexporter.settings.value.SettingType;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bcrypt hash in modular crypt format, such as {@code htpasswd -nBC 10} writes it. Never part of a message.
 *
 * @param text checked
 */
@SettingType("bcrypt hash")
public record PasswordHash(String text) {
    private static final Pattern FORMAT = Pattern.compile("\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{53}");
    private static final int LEAST_COST = 4;
    /** Twice the work for each step: 10 takes some 70 ms, 18 some 20 s. */
    private static final int GREATEST_COST = 18;

    /**
     * Reads.
     *
     * @throws BadValueException if the text is none, without the text
     */
    public static PasswordHash of(String text) {
        Matcher matcher = FORMAT.matcher(text);
        if (!matcher.matches()) {
            throw new BadValueException("is not a bcrypt hash; allowed: what `htpasswd -nBC 10 \"\" | tr -d ':\\n'`"
                    + " prints, which begins with $2y$10$; put it in single quotes");
        }
        int cost = Integer.parseInt(matcher.group(1));
        if (cost < LEAST_COST || cost > GREATEST_COST) {
            throw new BadValueException(
                    "is a bcrypt hash of cost " + cost + "; allowed: " + LEAST_COST + " to " + GREATEST_COST);
        }
        return new PasswordHash(text);
    }

    /** The logarithm of the work to check a password. */
    public int cost() {
        return Integer.parseInt(text.substring(4, 6));
    }

    @Override
    public String toString() {
        return Quoted.MASK;
    }
}

package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.value.BadValueException;
import io.mlflowexporter.settings.value.Quoted;
import io.mlflowexporter.settings.value.SettingType;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number, or where on the run it stands: {@code 2}, {@code tag:resource.gpu.count}, {@code param:n_gpus else 1}.
 *
 * @param source where to look
 * @param name of the tag or param; empty for a constant
 * @param number the constant, or what holds where the run lacks the tag or param
 */
@SettingType(
        value = "quantity",
        json = {"string", "number"},
        quoted = true)
public record Quantity(Source source, String name, Optional<BigDecimal> number) {
    /** Past this nothing is a machine any more but a slip. */
    public static final BigDecimal MOST = new BigDecimal(1_000_000);

    private static final Pattern NAMED = Pattern.compile("(tag|param):(.+?)(?:\\s+else\\s+(\\S+))?");

    /** Where the number stands. */
    public enum Source {
        CONSTANT,
        TAG,
        PARAM
    }

    /**
     * Reads a quantity.
     *
     * @throws BadValueException if the text is none
     */
    public static Quantity of(String text) {
        Matcher named = NAMED.matcher(text);
        if (named.matches()) {
            Source source = named.group(1).equals("tag") ? Source.TAG : Source.PARAM;
            return new Quantity(
                    source, named.group(2), Optional.ofNullable(named.group(3)).map(Quantity::constant));
        }
        return new Quantity(Source.CONSTANT, "", Optional.of(constant(text)));
    }

    private static BigDecimal constant(String text) {
        return number(text)
                .orElseThrow(
                        () -> new BadValueException(Quoted.shown(text) + " is not a quantity; allowed: a number from"
                                + " 0 to 1000000, tag:NAME or param:NAME, the latter two also with `else NUMBER`"));
    }

    /** Reads a number from 0 to {@link #MOST}, as a tag or param may hold it; empty if the text is none. */
    public static Optional<BigDecimal> number(String text) {
        // Longer texts are no quantity, and exponents could make a short one take all memory.
        if (text.length() > 30 || !text.strip().matches("[0-9]+(\\.[0-9]+)?")) {
            return Optional.empty();
        }
        BigDecimal number = new BigDecimal(text.strip());
        return number.compareTo(MOST) <= 0 ? Optional.of(number) : Optional.empty();
    }

    @Override
    public String toString() {
        String named = source == Source.TAG ? "tag:" + name : "param:" + name;
        String constant = number.map(BigDecimal::toPlainString).orElse("");
        if (source == Source.CONSTANT) {
            return constant;
        }
        return constant.isEmpty() ? named : named + " else " + constant;
    }
}

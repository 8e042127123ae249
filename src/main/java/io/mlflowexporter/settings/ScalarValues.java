package io.mlflowexporter.settings;

import io.mlflowexporter.cost.pricing.Quantity;
import io.mlflowexporter.kpi.Expression;
import io.mlflowexporter.mlflow.connection.ServerAddress;
import io.mlflowexporter.settings.value.BadValueException;
import io.mlflowexporter.settings.value.ByteSize;
import io.mlflowexporter.settings.value.DateOrTime;
import io.mlflowexporter.settings.value.Durations;
import io.mlflowexporter.settings.value.Glob;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.settings.value.Quoted;
import io.mlflowexporter.settings.value.WebAddress;
import io.mlflowexporter.web.access.PasswordHash;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Turns the text of one scalar into the value of its setting, and back. */
public final class ScalarValues {
    private static final Pattern DECIMAL = Pattern.compile("[0-9]+(\\.[0-9]+)?");
    private static final int LONGEST_NUMBER = 30;
    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,19}");

    private ScalarValues() {}

    /**
     * Reads one value.
     *
     * @param raw the setting's type; of an optional one, the type inside
     * @param origin decides what a relative path is relative to and which words are booleans
     * @param directory the directory of the configuration file, for paths in it
     * @throws BadValueException if the text is no such value or out of range; without the text if that is secret
     */
    static Object parse(Class<?> raw, Setting setting, String text, Origin origin, Path directory) {
        if (text.isEmpty()) {
            throw new BadValueException("is empty; give a value or leave it out");
        }
        Object value = read(raw, text, origin, directory);
        checkRange(value, raw, setting, text);
        return value;
    }

    private static Object read(Class<?> raw, String text, Origin origin, Path directory) {
        if (raw.isEnum()) {
            return enumValue(raw, text);
        }
        return switch (raw.getSimpleName()) {
            case "String" -> text;
            case "int" -> whole(text);
            case "OptionalInt" -> OptionalInt.of(whole(text));
            case "boolean" -> bool(text, origin);
            case "URI" -> ServerAddress.parse(text);
            case "WebAddress" -> WebAddress.of(text);
            case "Path" -> path(text, origin, directory);
            case "Duration" -> Durations.parse(text);
            case "ByteSize" -> ByteSize.of(text);
            case "ListenAddress" -> ListenAddress.of(text);
            case "Glob" -> Glob.of(text);
            case "Expression" -> Expression.of(text);
            case "BigDecimal" -> decimal(text);
            case "Currency" -> currency(text);
            case "ZoneId" -> zone(text);
            case "DateOrTime" -> DateOrTime.of(text);
            case "Quantity" -> Quantity.of(text);
            case "PasswordHash" -> PasswordHash.of(text);
            default -> throw new IllegalStateException("no settings of " + raw);
        };
    }

    private static Object enumValue(Class<?> raw, String text) {
        List<String> names = SettingsSchema.enumNames(raw);
        int index = names.indexOf(text);
        if (index < 0) {
            throw new BadValueException(Quoted.shown(text) + " is unknown; allowed: " + String.join(", ", names));
        }
        return raw.getEnumConstants()[index];
    }

    private static BigDecimal decimal(String text) {
        if (text.startsWith("-")) {
            throw new BadValueException(Quoted.shown(text) + " is negative or no number");
        }
        if (text.length() > LONGEST_NUMBER || !DECIMAL.matcher(text).matches()) {
            throw new BadValueException(
                    Quoted.shown(text) + " is not a number; allowed: digits and one point, such as 0.192");
        }
        return new BigDecimal(text);
    }

    private static Currency currency(String text) {
        return Currency.getAvailableCurrencies().stream()
                .filter(currency -> currency.getCurrencyCode().equals(text))
                .findFirst()
                .orElseThrow(() -> new BadValueException(
                        Quoted.shown(text) + " is no currency; allowed: the codes of ISO 4217, such as EUR or USD"));
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new BadValueException(
                    Quoted.shown(text) + " is no time zone; allowed: IANA names, such as Europe/Berlin, and UTC");
        }
    }

    private static int whole(String text) {
        if (!WHOLE.matcher(text).matches()) {
            throw new BadValueException(Quoted.shown(text) + " is not a whole number");
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException tooLarge) {
            throw new BadValueException(Quoted.shown(text) + " is too large a number");
        }
    }

    /** Variables are read as MLflow reads its own: 1 and 0 also count, and letter case does not. */
    private static boolean bool(String text, Origin origin) {
        boolean variable = origin.kind() == Origin.Kind.VARIABLE || origin.kind() == Origin.Kind.MLFLOW_VARIABLE;
        String word = variable ? text.toLowerCase(Locale.ROOT) : text;
        if (word.equals("true") || (variable && word.equals("1"))) {
            return true;
        }
        if (word.equals("false") || (variable && word.equals("0"))) {
            return false;
        }
        throw new BadValueException(
                Quoted.shown(text) + " is neither true nor false; allowed: true, false" + (variable ? ", 1, 0" : ""));
    }

    private static Path path(String text, Origin origin, Path directory) {
        try {
            Path path = Path.of(text);
            return (origin.kind() == Origin.Kind.FILE ? directory.resolve(path) : path.toAbsolutePath()).normalize();
        } catch (InvalidPathException e) {
            throw new BadValueException(Quoted.shown(text) + " is not a path: " + e.getReason());
        }
    }

    private static void checkRange(Object value, Class<?> raw, Setting setting, String text) {
        if (setting.min().isEmpty() && setting.max().isEmpty()) {
            return;
        }
        BigDecimal size = size(value);
        boolean under = !setting.min().isEmpty() && size.compareTo(size(bound(raw, setting.min()))) < 0;
        boolean over = !setting.max().isEmpty() && size.compareTo(size(bound(raw, setting.max()))) > 0;
        if (under || over) {
            throw new BadValueException(text + " is out of range; allowed: " + range(setting));
        }
    }

    private static Object bound(Class<?> raw, String text) {
        return read(raw, text, Origin.DEFAULT, Path.of(""));
    }

    private static BigDecimal size(Object value) {
        if (value instanceof BigDecimal number) {
            return number;
        }
        if (value instanceof Integer number) {
            return BigDecimal.valueOf(number);
        }
        if (value instanceof OptionalInt number) {
            return BigDecimal.valueOf(number.getAsInt());
        }
        if (value instanceof Duration duration) {
            return BigDecimal.valueOf(duration.toMillis());
        }
        if (value instanceof ByteSize size) {
            return BigDecimal.valueOf(size.bytes());
        }
        throw new IllegalStateException("no range for " + value.getClass());
    }

    /** The range in words; empty when there is none. */
    public static String range(Setting setting) {
        if (setting.min().isEmpty()) {
            return setting.max().isEmpty() ? "" : setting.max() + " or less";
        }
        return setting.max().isEmpty() ? setting.min() + " or more" : setting.min() + " to " + setting.max();
    }

    /** The scalar as it would stand in the file. */
    public static String print(Object value) {
        if (value instanceof Duration duration) {
            return Durations.print(duration);
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        if (value instanceof Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }
        if (value instanceof String
                || value instanceof Path
                || value instanceof Glob
                || value instanceof Expression
                || value instanceof Quantity) {
            return Quoted.yaml(value.toString());
        }
        if (value instanceof URI || value instanceof WebAddress) {
            String text = Quoted.maskUserInfo(value.toString());
            return text.indexOf('#') >= 0 || text.indexOf(' ') >= 0 ? Quoted.yaml(text) : text;
        }
        return value.toString();
    }
}

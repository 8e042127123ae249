package io.mlflowexporter.settings;

import io.mlflowexporter.settings.value.BadValueException;
import io.mlflowexporter.settings.value.Durations;
import io.mlflowexporter.settings.value.Quoted;
import io.mlflowexporter.settings.value.SettingType;
import io.mlflowexporter.settings.value.SpelledConstant;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A type of single values. Java's own types stand in the table here, enumerations are each a type, and every other class
 * declares itself with {@link SettingType}.
 *
 * @param name what its values are called in messages and the reference
 * @param parser reads one
 * @param printer writes one as it would stand in the file
 * @param schema what of JSON Schema a value must meet
 */
public record ValueType(String name, Parser parser, Function<Object, String> printer, Map<String, Object> schema) {
    private static final Pattern DECIMAL = Pattern.compile("[0-9]+(\\.[0-9]+)?");
    private static final int LONGEST_NUMBER = 30;
    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,19}");
    private static final String STRING = "string";

    /** Reads a text. */
    @FunctionalInterface
    public interface Parser {
        /**
         * Reads.
         *
         * @param origin decides what a relative path is relative to and which words are booleans
         * @param directory the directory of the file, for paths in it
         * @throws BadValueException if the text is no such value
         */
        Object parse(String text, Origin origin, Path directory);
    }

    /** What YAML makes of a scalar is not asked, so that a name may look like a number. */
    private static final Object ANY_TEXT = List.of(STRING, "number", "boolean");

    private static final Map<Class<?>, ValueType> TABLE = Map.of(
            String.class,
            of("text", ANY_TEXT, text -> text, value -> Quoted.yaml(value.toString())),
            int.class,
            of("whole number", "integer", ValueType::whole, Object::toString),
            boolean.class,
            new ValueType(
                    "true or false",
                    (text, origin, directory) -> bool(text, origin),
                    Object::toString,
                    type("boolean")),
            Path.class,
            new ValueType("file", ValueType::path, value -> Quoted.yaml(value.toString()), type(STRING)),
            Duration.class,
            new ValueType(
                    "duration",
                    (text, origin, directory) -> Durations.parse(text),
                    value -> Durations.print((Duration) value),
                    Map.of("type", STRING, "pattern", Durations.PATTERN)),
            BigDecimal.class,
            of("number", "number", ValueType::decimal, value -> ((BigDecimal) value).toPlainString()),
            Currency.class,
            new ValueType(
                    "currency code",
                    (text, origin, directory) -> currency(text),
                    Object::toString,
                    Map.of("type", STRING, "pattern", "^[A-Z]{3}$")),
            ZoneId.class,
            of("time zone", STRING, ValueType::zone, Object::toString));

    /** What is known of a class; empty if its values are no single ones. */
    public static Optional<ValueType> of(Class<?> type) {
        if (type.isEnum()) {
            return Optional.of(enumeration(type));
        }
        SettingType declared = type.getAnnotation(SettingType.class);
        return declared == null ? Optional.ofNullable(TABLE.get(known(type))) : Optional.of(declared(type, declared));
    }

    /** Paths and time zones are of classes of their own; primitive values come wrapped. */
    private static Class<?> known(Class<?> type) {
        if (type == Integer.class) {
            return int.class;
        }
        return type == Boolean.class
                ? boolean.class
                : TABLE.keySet().stream()
                        .filter(known -> known.isAssignableFrom(type))
                        .findFirst()
                        .orElse(type);
    }

    private static ValueType of(
            String name, Object json, Function<String, Object> parser, Function<Object, String> printer) {
        return new ValueType(name, (text, origin, directory) -> parser.apply(text), printer, type(json));
    }

    private static Map<String, Object> type(Object json) {
        return Map.of("type", json);
    }

    private static ValueType declared(Class<?> type, SettingType declared) {
        List<String> json = List.of(declared.json());
        Object one = json.size() == 1 ? json.get(0) : json;
        return new ValueType(
                declared.value(),
                (text, origin, directory) -> call(type, text),
                value -> declared.quoted() ? Quoted.yaml(value.toString()) : plain(value.toString()),
                declared.pattern().isEmpty() ? type(one) : Map.of("type", one, "pattern", declared.pattern()));
    }

    private static String plain(String text) {
        String masked = Quoted.maskUserInfo(text);
        return masked.indexOf('#') >= 0 || masked.indexOf(' ') >= 0 ? Quoted.yaml(masked) : masked;
    }

    private static Object call(Class<?> type, String text) {
        try {
            Method of = type.getMethod("of", String.class);
            return of.invoke(null, text);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalStateException(type + " cannot be read", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " has no public static of(String)", e);
        }
    }

    private static ValueType enumeration(Class<?> type) {
        List<String> names =
                Arrays.stream(type.getEnumConstants()).map(ValueType::spelling).toList();
        return new ValueType(
                String.join(", ", names),
                (text, origin, directory) -> {
                    int index = names.indexOf(text);
                    if (index < 0) {
                        throw new BadValueException(
                                Quoted.shown(text) + " is unknown; allowed: " + String.join(", ", names));
                    }
                    return type.getEnumConstants()[index];
                },
                ValueType::spelling,
                Map.of("enum", names));
    }

    private static String spelling(Object constant) {
        return constant instanceof SpelledConstant spelled
                ? spelled.spelling()
                : ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
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
}

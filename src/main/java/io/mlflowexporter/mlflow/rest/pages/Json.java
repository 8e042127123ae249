package io.mlflowexporter.mlflow.rest.pages;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.mlflowexporter.metric.Times;
import java.io.IOException;
import java.io.InputStream;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/** Reads JSON values in every form MLflow's servers, old and new, write them in. */
public final class Json {
    /** A text that is asked for is put together in the heap before it is cut: so many UTF-16 units at most. */
    private static final int LONGEST_STRING =
            (int) Math.min(256 << 20, Runtime.getRuntime().maxMemory() / 8);

    /** A longer text is no number; it is not made into a string to see that. */
    private static final int LONGEST_NUMBER = 64;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST_STRING)
                    .maxNestingDepth(100)
                    .build())
            .build();

    /** Reads one value; the parser stands on its first token and is to be left on its last. */
    public interface Reader {
        void read(JsonParser parser) throws IOException;
    }

    /** Reads one field of an object. */
    public interface FieldReader {
        void read(String name, JsonParser parser) throws IOException;
    }

    private Json() {}

    public static JsonParser parser(InputStream in) throws IOException {
        return FACTORY.createParser(in);
    }

    /** Of JSON that stands inside another value as its text. */
    public static JsonParser parser(String text) throws IOException {
        return FACTORY.createParser(text);
    }

    /** Calls for each field; what the reader leaves unread is skipped. A value that is no object is skipped. */
    public static void object(JsonParser parser, FieldReader fields) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            if (parser.currentToken() == null) {
                throw new IOException("the answer ends in the middle");
            }
            String name = parser.currentName();
            parser.nextToken();
            fields.read(name, parser);
            // Where the reader has read the value, this is its end and nothing is left to skip.
            parser.skipChildren();
        }
    }

    /** Calls for each element. A value that is no array is skipped. */
    public static void array(JsonParser parser, Reader elements) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == null) {
                throw new IOException("the answer ends in the middle");
            }
            elements.read(parser);
            parser.skipChildren();
        }
    }

    /** A string, or a number as its text; empty for anything else. One that is too long is cut, see {@link LongText}. */
    public static String text(JsonParser parser) throws IOException {
        if (!isText(parser)) {
            return "";
        }
        return parser.getTextLength() > LongText.LONGEST ? longText(parser).cut() : parser.getText();
    }

    /** As {@link #text}, of any length. */
    static String whole(JsonParser parser) throws IOException {
        return isText(parser) ? parser.getText() : "";
    }

    /** Milliseconds of an RFC 3339 time, or a number of them; {@link Times#ABSENT} for anything else, and for 0 as {@link #millis}. */
    public static long instant(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return millis(parser);
        }
        if (parser.getTextLength() > LONGEST_NUMBER) {
            return Times.ABSENT;
        }
        try {
            long millis = OffsetDateTime.parse(parser.getText()).toInstant().toEpochMilli();
            return millis == 0 ? Times.ABSENT : millis;
        } catch (DateTimeParseException | ArithmeticException e) {
            return Times.ABSENT;
        }
    }

    private static boolean isText(JsonParser parser) {
        JsonToken token = parser.currentToken();
        return token != null && token.isScalarValue() && token != JsonToken.VALUE_NULL;
    }

    private static LongText longText(JsonParser parser) throws IOException {
        LongText text = new LongText();
        // Unlike getText, does not copy it to one place.
        parser.getText(text);
        return text;
    }

    /** A 64-bit integer as number or string; {@link Times#ABSENT} for anything else. */
    public static long integer(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NUMBER_INT) {
            return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? Times.ABSENT : parser.getLongValue();
        }
        if (token == JsonToken.VALUE_NUMBER_FLOAT) {
            double value = parser.getDoubleValue();
            return value == Math.rint(value) && Math.abs(value) < 0x1p63 ? (long) value : Times.ABSENT;
        }
        if (token == JsonToken.VALUE_STRING && parser.getTextLength() <= LONGEST_NUMBER) {
            try {
                return Long.parseLong(parser.getText().strip());
            } catch (NumberFormatException e) {
                return Times.ABSENT;
            }
        }
        return Times.ABSENT;
    }

    /** A time: as {@link #integer}, and 0, which is how protobuf's mapping writes none, is {@link Times#ABSENT}. */
    public static long millis(JsonParser parser) throws IOException {
        long millis = integer(parser);
        return millis == 0 ? Times.ABSENT : millis;
    }

    /** The step of a metric: as {@link #integer}, 0 where there is none. */
    public static long step(JsonParser parser) throws IOException {
        long step = integer(parser);
        return step == Times.ABSENT ? 0 : step;
    }

    /** A number, a NaN or infinity token, or either as a string; empty for anything else. */
    public static OptionalDouble number(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
            return OptionalDouble.of(parser.getDoubleValue());
        }
        if (token != JsonToken.VALUE_STRING || parser.getTextLength() > LONGEST_NUMBER) {
            return OptionalDouble.empty();
        }
        String text = parser.getText().strip();
        switch (text.toLowerCase(Locale.ROOT)) {
            case "nan" -> {
                return OptionalDouble.of(Double.NaN);
            }
            case "inf", "infinity", "+inf", "+infinity" -> {
                return OptionalDouble.of(Double.POSITIVE_INFINITY);
            }
            case "-inf", "-infinity" -> {
                return OptionalDouble.of(Double.NEGATIVE_INFINITY);
            }
            default -> {
                try {
                    return OptionalDouble.of(Double.parseDouble(text));
                } catch (NumberFormatException e) {
                    return OptionalDouble.empty();
                }
            }
        }
    }

    private static final PairHashes NO_HASHES = (key, value) -> {};

    /** Hears of every pair, as {@link String#hashCode} of its key and of its value. */
    public interface PairHashes {
        void pair(int key, int value);
    }

    /** As {@link #text} followed by {@link String#hashCode}, without making the string. */
    private static int hash(JsonParser parser) throws IOException {
        if (!isText(parser)) {
            return 0;
        }
        if (parser.getTextLength() > LongText.LONGEST) {
            return longText(parser).hash();
        }
        char[] text = parser.getTextCharacters();
        int from = parser.getTextOffset();
        int hash = 0;
        for (int i = from; i < from + parser.getTextLength(); i++) {
            hash = 31 * hash + text[i];
        }
        return hash;
    }

    /** An array of {@code {key, value}} objects, those that are wanted. */
    public static Map<String, String> pairs(JsonParser parser, Predicate<String> wanted) throws IOException {
        return pairs(parser, wanted, NO_HASHES);
    }

    /** As {@link #pairs(JsonParser, Predicate)}; all are told as hashes, those that are not wanted too. */
    public static Map<String, String> pairs(JsonParser parser, Predicate<String> wanted, PairHashes hashes)
            throws IOException {
        Map<String, String> pairs = new LinkedHashMap<>();
        array(parser, element -> {
            String[] pair = {"", ""};
            int[] hash = {0};
            object(element, (name, value) -> {
                if (name.equals("key")) {
                    pair[0] = text(value);
                } else if (name.equals("value")) {
                    hash[0] = hashes == NO_HASHES ? 0 : hash(value);
                    if (pair[0].isEmpty() || wanted.test(pair[0])) {
                        pair[1] = text(value);
                    }
                }
            });
            if (!pair[0].isEmpty()) {
                hashes.pair(pair[0].hashCode(), hash[0]);
                if (wanted.test(pair[0])) {
                    pairs.put(pair[0], pair[1]);
                }
            }
        });
        return pairs;
    }
}

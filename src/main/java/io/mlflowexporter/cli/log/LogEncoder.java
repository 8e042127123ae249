package io.mlflowexporter.cli.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.mlflowexporter.config.LogConfig;
import io.mlflowexporter.text.OneLine;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.slf4j.event.KeyValuePair;

/**
 * Writes one line a record. Logback's own encoders would do for neither format: its text layouts pass control
 * characters through, and its JSON has no readable time and always holds stack traces.
 */
final class LogEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final JsonFactory JSON = new JsonFactory();

    private final LogConfig.Format format;
    private final boolean stackTraces;

    /**
     * Sets the form of the records.
     *
     * @param stackTraces whether exceptions are written with their stacks, and not only with their messages
     */
    LogEncoder(LogConfig.Format format, boolean stackTraces) {
        this.format = format;
        this.stackTraces = stackTraces;
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String line = format == LogConfig.Format.JSON ? json(event) : text(event);
        return (line + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private String text(ILoggingEvent event) {
        StringBuilder out = new StringBuilder();
        out.append(time(event)).append(' ');
        out.append(String.format("%-5s", event.getLevel())).append(' ');
        out.append(shortName(event.getLoggerName())).append(": ");
        out.append(OneLine.escaped(String.valueOf(event.getFormattedMessage())));
        for (KeyValuePair pair : pairs(event)) {
            out.append(' ')
                    .append(OneLine.escaped(pair.key))
                    .append("=")
                    .append(OneLine.escaped(String.valueOf(pair.value)));
        }
        String causes = causes(event);
        if (!causes.isEmpty()) {
            out.append(": ").append(OneLine.escaped(causes));
        }
        if (stackTraces && event.getThrowableProxy() != null) {
            stack(event).lines().forEach(frame -> out.append("\n\t").append(OneLine.escaped(frame.strip())));
        }
        return out.toString();
    }

    private String json(ILoggingEvent event) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("time", time(event));
            json.writeStringField("level", event.getLevel().toString().toLowerCase(Locale.ROOT));
            json.writeStringField("logger", event.getLoggerName());
            json.writeStringField("message", OneLine.cut(String.valueOf(event.getFormattedMessage()), OneLine.LONGEST));
            String causes = causes(event);
            if (!causes.isEmpty()) {
                json.writeStringField("error", OneLine.cut(causes, OneLine.LONGEST));
            }
            if (stackTraces && event.getThrowableProxy() != null) {
                json.writeStringField("stack", stack(event));
            }
            if (!pairs(event).isEmpty()) {
                json.writeObjectFieldStart("kv");
                for (KeyValuePair pair : pairs(event)) {
                    value(json, pair);
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return out.toString();
    }

    private static void value(JsonGenerator json, KeyValuePair pair) throws IOException {
        json.writeFieldName(pair.key);
        if (pair.value instanceof Long || pair.value instanceof Integer) {
            json.writeNumber(((Number) pair.value).longValue());
        } else if (pair.value instanceof Boolean bool) {
            json.writeBoolean(bool);
        } else {
            json.writeString(OneLine.cut(String.valueOf(pair.value), OneLine.LONGEST));
        }
    }

    private static String time(ILoggingEvent event) {
        return TIME.format(Instant.ofEpochMilli(event.getTimeStamp()));
    }

    private static String shortName(String logger) {
        return logger.substring(logger.lastIndexOf('.') + 1);
    }

    private static List<KeyValuePair> pairs(ILoggingEvent event) {
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        return pairs == null ? List.of() : pairs;
    }

    private static String causes(ILoggingEvent event) {
        return event.getThrowableProxy() instanceof ThrowableProxy proxy ? FailureCauses.of(proxy.getThrowable()) : "";
    }

    private static String stack(ILoggingEvent event) {
        IThrowableProxy proxy = event.getThrowableProxy();
        return ThrowableProxyUtil.asString(proxy);
    }
}

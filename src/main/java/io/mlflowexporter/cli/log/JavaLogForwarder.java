package io.mlflowexporter.cli.log;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Hands records of {@code java.util.logging} on to the log. */
final class JavaLogForwarder extends Handler {
    private final SimpleFormatter messages = new SimpleFormatter();

    @Override
    public void publish(LogRecord record) {
        if (record == null || record.getLevel().intValue() < Level.WARNING.intValue()) {
            return;
        }
        String name = record.getLoggerName() == null ? "java.util.logging" : record.getLoggerName();
        org.slf4j.Logger log = LoggerFactory.getLogger(name);
        boolean severe = record.getLevel().intValue() >= Level.SEVERE.intValue();
        LoggingEventBuilder event = severe ? log.atError() : log.atWarn();
        if (record.getThrown() != null) {
            event = event.setCause(record.getThrown());
        }
        event.log(() -> messages.formatMessage(record));
    }

    @Override
    public void flush() {
        // The appender writes through.
    }

    @Override
    public void close() {
        // Holds nothing open.
    }
}

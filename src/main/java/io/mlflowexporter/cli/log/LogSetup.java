package io.mlflowexporter.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.status.NopStatusListener;
import io.mlflowexporter.config.LogConfig;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.util.logging.LogManager;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** Sends the log to standard error as the configuration wants it, and nothing else. */
public final class LogSetup {
    private static final String OURS = "io.mlflowexporter";
    private static final String REQUEST_PARSER = "org.eclipse.jetty.http.HttpParser";

    private LogSetup() {}

    /**
     * Sets up the log of the whole process: this project's records from the configured level on, libraries' from
     * {@code warn} on, whichever way they log, and threads that end by an exception.
     */
    public static void install(LogConfig config) {
        install(config, new FileOutputStream(FileDescriptor.err));
    }

    public static void install(LogConfig config, OutputStream out) {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (!(factory instanceof LoggerContext context)) {
            throw new IllegalStateException("the log is not logback's but " + factory.getClass());
        }
        Level level = Level.toLevel(config.level().name());
        context.reset();
        // Logback tells of its own start on standard output otherwise, when something there is odd.
        context.getStatusManager().add(new NopStatusListener());

        LogEncoder encoder = new LogEncoder(config.format(), config.level() == LogConfig.Level.DEBUG);
        encoder.setContext(context);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(out);
        appender.start();

        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
        root.addAppender(appender);
        context.getLogger(OURS).setLevel(level);
        // Warns of each request with two hosts, which is answered with 400: anyone could fill the log.
        context.getLogger(REQUEST_PARSER).setLevel(Level.ERROR);

        forwardJavaLogging();
        org.slf4j.Logger log = LoggerFactory.getLogger(LogSetup.class);
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> log.error(
                "thread {} ended by an error the program did not expect; please report it", thread.getName(), thrown));
    }

    /** The JDK's HTTP server and client log to java.util.logging, whose own handler would print stack traces. */
    private static void forwardJavaLogging() {
        LogManager.getLogManager().reset();
        java.util.logging.Logger root = LogManager.getLogManager().getLogger("");
        root.setLevel(java.util.logging.Level.WARNING);
        root.addHandler(new JavaLogForwarder());
    }
}

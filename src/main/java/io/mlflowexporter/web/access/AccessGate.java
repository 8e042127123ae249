package io.mlflowexporter.web.access;

import io.mlflowexporter.reload.WatchedFile;
import io.mlflowexporter.web.access.AccessMetrics.Reason;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Who may use a listener, and what every answer of it says to browsers. Safe for use by any number of threads. */
public final class AccessGate {
    private static final int UNAUTHORIZED = 401;
    private static final int TOO_MANY = 429;
    private static final String CHALLENGE = "Basic realm=\"mlflow-exporter\", charset=\"UTF-8\"";

    /** Strict, for both listeners: no script, no frame, nothing kept, nothing told to the next page. */
    private static final Map<String, String> HEADERS = new LinkedHashMap<>();

    static {
        HEADERS.put(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self';"
                        + " frame-ancestors 'none'");
        HEADERS.put("X-Content-Type-Options", "nosniff");
        HEADERS.put("X-Frame-Options", "DENY");
        HEADERS.put("Referrer-Policy", "no-referrer");
        HEADERS.put("Cache-Control", "no-store");
    }

    /**
     * Whether a request is let in.
     *
     * @param status of the answer where it is not; 0 where it is
     * @param headers for that answer
     */
    public record Verdict(int status, Map<String, String> headers, String text) {
        static final Verdict IN = new Verdict(0, Map.of(), "");

        public boolean in() {
            return status == 0;
        }

        private static Verdict tooMany(Duration wait, String text) {
            long seconds = Math.max(1, wait.plusMillis(999).toSeconds());
            return new Verdict(TOO_MANY, Map.of("Retry-After", Long.toString(seconds)), text);
        }

        private static Verdict unauthorized(String text) {
            return new Verdict(UNAUTHORIZED, Map.of("WWW-Authenticate", CHALLENGE), text);
        }
    }

    private final String listener;
    private final Optional<WatchedFile<WebFileSource.Secured>> watch;
    private final Passwords passwords;
    private final FailureLimit failures;
    private final AccessMetrics metrics;
    private final LongSupplier nanos;
    private final AllowedHosts hosts;
    private final boolean localOnly;
    private final RequestLimit requests = new RequestLimit();

    /** @param nanos a monotonic clock */
    public AccessGate(
            String listener,
            Optional<WatchedFile<WebFileSource.Secured>> watch,
            Passwords passwords,
            FailureLimit failures,
            AccessMetrics metrics,
            AllowedHosts hosts,
            boolean localOnly,
            LongSupplier nanos) {
        this.listener = listener;
        this.watch = watch;
        this.passwords = passwords;
        this.failures = failures;
        this.metrics = metrics;
        this.hosts = hosts;
        this.localOnly = localOnly;
        this.nanos = nanos;
        metrics.begin(listener);
        watch.ifPresent(w -> w.onChange(() -> w.last()
                .file()
                .tls()
                .ifPresent(tls -> metrics.certificate(
                        listener, tls.chain().get(0).getNotAfter().toInstant()))));
    }

    /** A listener that is open to everyone. */
    public static AccessGate open(String listener, AccessMetrics metrics) {
        return new AccessGate(
                listener,
                Optional.empty(),
                new Passwords(System::nanoTime),
                new FailureLimit(System::nanoTime),
                metrics,
                AllowedHosts.ANY,
                false,
                System::nanoTime);
    }

    /** For people: {@code TLS, 2 users}; empty for a listener that is open to everyone. */
    public String summary() {
        return watch.map(w -> w.last().file().summary()).orElse("");
    }

    /** Whether only known users are let in. */
    public boolean asksWho() {
        return watch.isPresent()
                && !watch.get().last().file().config().basicAuthUsers().isEmpty();
    }

    /** Whether other machines get health checks only. */
    public boolean localOnly() {
        return localOnly;
    }

    /** The names it answers to. */
    public AllowedHosts hosts() {
        return hosts;
    }

    /** Whether other machines may ask for more than health checks. */
    public boolean answers(InetAddress from) {
        return !localOnly || from.isLoopbackAddress();
    }

    /** What to serve TLS with, good for as long as the process lives; empty: plain HTTP. */
    public Optional<SSLContext> context() {
        return watch.filter(w -> w.last().context().isPresent())
                .map(w -> ReloadingContext.of(() -> w.current().context().orElseThrow()));
    }

    /** What to ask of the next connection, where there is TLS. */
    public SSLParameters parameters() {
        WebFileSource.Secured secured = watch.orElseThrow().last();
        return ServerContexts.parameters(
                secured.context().orElseThrow(), secured.file().config().tlsServerConfig());
    }

    /** The headers of every answer. */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>(HEADERS);
        watch.ifPresent(
                w -> headers.putAll(w.last().file().config().httpServerConfig().headers()));
        return headers;
    }

    /**
     * Decides.
     *
     * @param path as it is routed by
     * @param open paths for everyone, whose answers tell nobody anything
     * @param authorization the header, null where there is none
     */
    public Verdict decide(InetAddress from, String path, Set<String> open, @Nullable String authorization) {
        if (watch.isEmpty()) {
            return Verdict.IN;
        }
        WebFile config = watch.get().current().file().config();
        if (open.contains(path)) {
            return Verdict.IN;
        }
        if (!requests.allows(config.rateLimit(), nanos.getAsLong())) {
            return Verdict.tooMany(config.rateLimit().interval(), "too many requests");
        }
        return config.basicAuthUsers().isEmpty()
                ? Verdict.IN
                : authenticate(config.basicAuthUsers(), from, authorization);
    }

    private Verdict authenticate(Map<String, PasswordHash> users, InetAddress from, @Nullable String authorization) {
        // Asked before anything else: an answer to a right guess would be one to go on guessing for.
        if (!failures.wait(from).isZero()) {
            return limited(from);
        }
        if (authorization == null) {
            metrics.failed(listener, Reason.MISSING);
            return Verdict.unauthorized("user name and password are needed");
        }
        Optional<Credentials> credentials = Credentials.of(authorization);
        if (credentials.isPresent() && credentials.get().remembered(users, passwords)) {
            return Verdict.IN;
        }
        int before = failures.failed(from);
        if (before == FailureLimit.BURST) {
            return limited(from);
        }
        Passwords.Answer answer =
                credentials.map(given -> given.check(users, passwords, before)).orElse(Passwords.Answer.WRONG);
        if (answer == Passwords.Answer.WRONG) {
            metrics.failed(listener, Reason.WRONG);
            return Verdict.unauthorized("user name or password is wrong");
        }
        failures.takeBack(from);
        if (answer == Passwords.Answer.BUSY) {
            metrics.failed(listener, Reason.LIMITED);
            return Verdict.tooMany(Duration.ofSeconds(1), "too many passwords to check");
        }
        return Verdict.IN;
    }

    private Verdict limited(InetAddress from) {
        metrics.failed(listener, Reason.LIMITED);
        return Verdict.tooMany(failures.wait(from), "too many wrong passwords from this address");
    }
}

package io.mlflowexporter.refresh;

import io.mlflowexporter.testing.FaultProxy;
import io.mlflowexporter.testing.FaultProxy.Fault;
import io.mlflowexporter.testing.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The table of what may go wrong between the exporter and a server.
 *
 * @param settings of the exporter
 * @param noticed whether refreshes fail meanwhile
 * @param what what may be told otherwise than by a fresh exporter afterwards
 */
record ServerFault(String name, Map<String, String> settings, boolean noticed, What what, Step strike, Step mend) {
    /** What is expected afterwards. */
    enum What {
        /** Every number is that of a fresh exporter. */
        ALL_EQUAL,
        /** Counters may be more: they never fall. */
        COUNTERS_WAIT,
        /** Counters begin again, with the numbers of a fresh exporter of the other server. */
        ANOTHER_SERVER
    }

    /** Something that is done to what stands between. */
    interface Step {
        void on(FaultyWorld world) throws Exception;
    }

    private static final String SIGN_IN = "<!doctype html><html><head><title>Sign in</title></head></html>";
    private static final String SECOND_PAGE = token("{\"offset\": " + FaultyWorld.PAGE + "}");

    /** As a longer list may have it. */
    private static final String FAR_ON = token("{\"offset\": 10000}");

    private static final String NONSENSE = token("of another server");
    private static final Map<String, String> PATIENT = Map.of("mlflow.retries", "3", "mlflow.retry_backoff", "5ms");

    private static String token(String decoded) {
        return Base64.getEncoder().encodeToString(decoded.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return name;
    }

    private static ServerFault of(String name, Step strike, Step mend) {
        return new ServerFault(name, Map.of(), true, What.ALL_EQUAL, strike, mend);
    }

    private static ServerFault requests(String name, Fault fault) {
        return of(
                name,
                world -> world.proxy().fault(FaultProxy.after(world.strikesAfter(), Integer.MAX_VALUE, fault)),
                world -> world.proxy().mend());
    }

    private static ServerFault status(int status, String... headers) {
        return requests(
                "HTTP " + status + " " + String.join(" ", headers),
                FaultProxy.instead(ScriptedServer.status(
                        status, "{\"error_code\": \"INTERNAL_ERROR\", \"message\": \"injected\"}", headers)));
    }

    private static ServerFault html(int status) {
        return requests(
                "a web page with HTTP " + status,
                FaultProxy.instead(ScriptedServer.status(status, SIGN_IN, "Content-Type: text/html")));
    }

    /** Over before the retries are. */
    private static ServerFault burst(String name, int requests, Fault fault) {
        return new ServerFault(
                name,
                PATIENT,
                false,
                What.ALL_EQUAL,
                world -> world.proxy().fault(FaultProxy.after(world.strikesAfter(), requests, fault)),
                world -> world.proxy().mend());
    }

    private static ServerFault unnoticed(String name, What what, Step strike, Step mend) {
        return new ServerFault(name, Map.of(), false, what, strike, mend);
    }

    private static ServerFault clock(String name, Duration off) {
        return unnoticed(
                name,
                What.COUNTERS_WAIT,
                world -> world.bench().wait(off),
                world -> world.bench().wait(off.negated()));
    }

    /** All of them. */
    static List<ServerFault> all() {
        return List.of(
                of("down", world -> world.proxy().down(), world -> world.proxy().up()),
                new ServerFault(
                        "a byte a second",
                        Map.of("mlflow.read_timeout", "1500ms"),
                        true,
                        What.ALL_EQUAL,
                        world -> world.proxy()
                                .fault(FaultProxy.after(
                                        world.strikesAfter(),
                                        Integer.MAX_VALUE,
                                        FaultProxy.slow(Duration.ofSeconds(1)))),
                        world -> world.proxy().mend()),
                status(429),
                status(429, "Retry-After: 3600"),
                status(500),
                status(503),
                status(504),
                burst(
                        "429 with Retry-After, once",
                        1,
                        FaultProxy.instead(ScriptedServer.status(429, "", "Retry-After: 1"))),
                burst("429, three times", 3, FaultProxy.instead(ScriptedServer.status(429, ""))),
                burst("500, three times", 3, FaultProxy.instead(ScriptedServer.status(500, ""))),
                burst("503, three times", 3, FaultProxy.instead(ScriptedServer.status(503, ""))),
                burst("a reset, once", 1, FaultProxy.reset()),
                requests("reset within the body", FaultProxy.reset()),
                requests("closed within the body", FaultProxy.cutOff()),
                requests("half a body", FaultProxy.shortened()),
                html(200),
                html(502),
                of("the token is not valid any more", FaultyWorld::otherToken, FaultyWorld::rotateToken),
                requests("a page token that repeats", FaultProxy.nextPage(token -> SECOND_PAGE)),
                requests("a page token that is nonsense", FaultProxy.nextPage(token -> NONSENSE)),
                unnoticed(
                        "a page token of another list",
                        What.ALL_EQUAL,
                        world -> world.proxy().fault(FaultProxy.nextPage(token -> FAR_ON)),
                        world -> world.proxy().mend()),
                unnoticed(
                        "runs come and go while it pages",
                        What.ALL_EQUAL,
                        world -> world.proxy()
                                .fault(FaultProxy.where(
                                        request -> request.target().contains("runs/search"), (r, asking) -> {
                                            world.comeAndGo();
                                            return asking.get().answer();
                                        })),
                        world -> world.proxy().mend()),
                clock("the clock an hour ahead", Duration.ofHours(1)),
                clock("the clock an hour behind", Duration.ofHours(-1)),
                unnoticed("another database", What.ANOTHER_SERVER, FaultyWorld::otherServer, world -> {}));
    }
}

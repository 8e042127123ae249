package io.mlflowexporter.web.access;

import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.web.access.AccessGate.Verdict;
import io.mlflowexporter.web.access.WebFile.RateLimit;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, who is not, and who has to wait. */
@Timeout(60)
final class AccessGateTest {
    private static final Set<String> OPEN = Set.of("/healthz");
    private static final String USERS = "basic_auth_users: {ana: '" + hash("right", 4) + "'}\n";

    @TempDir
    private Path directory;

    private final PrometheusRegistry live = new PrometheusRegistry();
    /** Near its overflow, which a monotonic clock may reach. */
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(20));

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static String hash(String password, int cost) {
        return BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(cost, password.toCharArray());
    }

    private AccessGates gates(String yaml) throws IOException, SettingsException {
        var file = Optional.of(
                WebFileLoader.load(Files.writeString(directory.resolve("web.yaml"), yaml), InstantSource.system()));
        return AccessGates.of(
                new WebFiles(file, file),
                ConfigLoader.defaults().web(),
                live,
                InstantSource.system(),
                new Reloads(live, InstantSource.system(), nanos::get));
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static Verdict ask(AccessGate gate, String from, String authorization) throws IOException {
        return gate.decide(InetAddress.getByName(from), "/metrics", OPEN, authorization);
    }

    private double failures(String listener, String reason) {
        CounterSnapshot counter = (CounterSnapshot) live.scrape().stream()
                .filter(family -> family.getMetadata().getName().equals("mlflow_exporter_authentication_failures"))
                .findFirst()
                .orElseThrow();
        return counter.getDataPoints().stream()
                .filter(point -> listener.equals(point.getLabels().get("listener"))
                        && reason.equals(point.getLabels().get("reason")))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    @Test
    void withoutUsersEveryoneIsIn() throws Exception {
        assertThat(ask(gates("{}").metrics(), "192.0.2.1", null).in()).isTrue();
        AccessGate open = AccessGate.open("metrics", new AccessMetrics(new PrometheusRegistry()));
        assertThat(ask(open, "192.0.2.1", "nonsense").in()).isTrue();
        assertThat(open.asksWho()).isFalse();
    }

    @Test
    void knownUsersAreInAndOthersAreAsked() throws Exception {
        AccessGate gate = gates(USERS).metrics();

        assertThat(ask(gate, "192.0.2.1", basic("ana:right")).in()).isTrue();
        assertThat(ask(gate, "192.0.2.1", basic("ana:right").replace("Basic", "bAsIc"))
                        .in())
                .isTrue();
        Verdict none = ask(gate, "192.0.2.1", null);
        assertThat(none.status()).isEqualTo(401);
        assertThat(none.headers().get("WWW-Authenticate")).startsWith("Basic realm=");
        assertThat(ask(gate, "192.0.2.1", basic("ana:wrong")).status()).isEqualTo(401);
        assertThat(ask(gate, "192.0.2.1", basic("eve:right")).status()).isEqualTo(401);
        assertThat(failures("metrics", "missing")).isEqualTo(1);
        assertThat(failures("metrics", "wrong")).isEqualTo(2);
        assertThat(failures("web", "wrong")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Basic", "Basic ", "Basic !!!", "Basic YW5h", "Bearer YW5hOnJpZ2h0", "Digest x"})
    void whatIsNoCredentialsIsWrong(String authorization) throws Exception {
        assertThat(ask(gates(USERS).metrics(), "192.0.2.1", authorization).status())
                .isEqualTo(401);
        assertThat(failures("metrics", "wrong")).isEqualTo(1);
    }

    @Test
    void openPathsNeedNoPasswordAndNothingElseIsOne() throws Exception {
        AccessGate gate = gates(USERS).web();
        InetAddress from = InetAddress.getByName("192.0.2.1");

        assertThat(gate.decide(from, "/healthz", OPEN, null).in()).isTrue();
        for (String path : List.of("/healthz/", "//healthz", "/healthz/..", "/HEALTHZ", "/api/v1/status", "")) {
            assertThat(gate.decide(from, path, OPEN, null).status()).as(path).isEqualTo(401);
        }
    }

    @Test
    void anAddressThatGuessesIsLimitedAtBothListenersAndOthersAreNot() throws Exception {
        AccessGates gates = gates(USERS);
        for (int i = 0; i < FailureLimit.BURST; i++) {
            assertThat(ask(i % 2 == 0 ? gates.metrics() : gates.web(), "192.0.2.1", basic("ana:guess" + i))
                            .status())
                    .isEqualTo(401);
        }

        // Even the right one: else it would tell which guess was right.
        Verdict limited = ask(gates.metrics(), "192.0.2.1", basic("ana:right"));
        assertThat(limited.status()).isEqualTo(429);
        assertThat(limited.headers()).containsEntry("Retry-After", "30");
        assertThat(ask(gates.web(), "192.0.2.1", null).status()).isEqualTo(429);
        assertThat(failures("metrics", "limited")).isEqualTo(1);
        assertThat(ask(gates.metrics(), "192.0.2.2", basic("ana:right")).in()).isTrue();

        pass(Duration.ofSeconds(29));
        assertThat(ask(gates.metrics(), "192.0.2.1", basic("ana:right")).headers())
                .containsEntry("Retry-After", "1");
        pass(Duration.ofSeconds(1));
        assertThat(ask(gates.metrics(), "192.0.2.1", basic("ana:right")).in()).isTrue();
        assertThat(ask(gates.metrics(), "192.0.2.1", basic("ana:guess")).status())
                .isEqualTo(401);
        assertThat(ask(gates.metrics(), "192.0.2.1", basic("ana:right")).status())
                .isEqualTo(429);
    }

    @Test
    void triesAtOnceAreNoWayAroundTheLimit() throws Exception {
        AccessGate gate =
                gates("basic_auth_users: {ana: '" + hash("right", 8) + "'}\n").metrics();
        ExecutorService clients = Executors.newFixedThreadPool(40);
        try {
            List<Future<Verdict>> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String guess = basic("ana:guess" + i);
                answers.add(clients.submit(() -> ask(gate, "192.0.2.1", guess)));
            }
            for (Future<Verdict> answer : answers) {
                answer.get(30, TimeUnit.SECONDS);
            }
        } finally {
            clients.shutdownNow();
        }

        assertThat(failures("metrics", "wrong")).isLessThanOrEqualTo(FailureLimit.BURST);
    }

    @Test
    void whoeverFailedLeastHasTheNextTurnHoweverManyGuess() throws Exception {
        FairTurns turns = new FairTurns();
        assertThat(turns.begin(0, 30)).isTrue();
        List<String> order = new CopyOnWriteArrayList<>();
        ExecutorService clients = Executors.newCachedThreadPool();
        try {
            List<Future<Boolean>> guessers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                guessers.add(clients.submit(() -> turn(turns, 1, order)));
            }
            while (turns.waiting() < 16) {
                LockSupport.parkNanos(1_000_000);
            }
            Future<Boolean> right = clients.submit(() -> turn(turns, 0, order));
            // Its place is that of the last guesser.
            while (guessers.stream().noneMatch(Future::isDone)) {
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(turn(turns, 2, order)).isFalse();
            turns.end();

            assertThat(right.get(30, TimeUnit.SECONDS)).isTrue();
            int turnedAway = 0;
            for (Future<Boolean> guesser : guessers) {
                turnedAway += guesser.get(30, TimeUnit.SECONDS) ? 0 : 1;
            }
            assertThat(turnedAway).isEqualTo(1);
            assertThat(order).hasSize(16).startsWith("0 failures");
        } finally {
            clients.shutdownNow();
        }
    }

    private static boolean turn(FairTurns turns, int failures, List<String> order) throws InterruptedException {
        if (!turns.begin(failures, 30)) {
            return false;
        }
        order.add(failures + " failures");
        turns.end();
        return true;
    }

    @Test
    void otherMachinesGetHealthChecksOnlyWhereThatIsSet() throws Exception {
        var web = ConfigLoader.load(Optional.empty(), Map.of("MLFLOW_EXPORTER_WEB_LOCAL_ONLY", "true"), Map.of())
                .config()
                .web();
        AccessGates gates = AccessGates.of(WebFiles.NONE, web, live, InstantSource.system(), Reloads.uncounted());

        assertThat(gates.web().answers(InetAddress.getLoopbackAddress())).isTrue();
        assertThat(gates.web().answers(InetAddress.getByName("192.0.2.1"))).isFalse();
        assertThat(gates.metrics().answers(InetAddress.getByName("192.0.2.1"))).isTrue();
    }

    @Test
    void askingWithoutCredentialsIsNoGuess() throws Exception {
        AccessGate gate = gates(USERS).metrics();
        for (int i = 0; i < 50; i++) {
            assertThat(ask(gate, "192.0.2.1", null).status()).isEqualTo(401);
        }
    }

    @Test
    void theTableOfAddressesIsBoundedAndCountsNetworksOfIpv6() throws Exception {
        FailureLimit limit = new FailureLimit(nanos::get);
        for (int i = 0; i < 12_000; i++) {
            limit.failed(InetAddress.getByAddress(new byte[] {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i}));
        }
        assertThat(limit.addresses()).isEqualTo(10_000);

        for (int i = 0; i < FailureLimit.BURST; i++) {
            limit.failed(InetAddress.getByName("2001:db8::" + i));
        }
        assertThat(limit.wait(InetAddress.getByName("2001:db8::ffff"))).isPositive();
        assertThat(limit.wait(InetAddress.getByName("2001:db8:0:1::1"))).isZero();
        pass(Duration.ofMinutes(10));
        assertThat(limit.wait(InetAddress.getByName("2001:db8::1"))).isZero();
        assertThat(limit.addresses()).isLessThan(10_000);
    }

    @Test
    void requestsAreLimitedWhereThatIsAskedFor() throws Exception {
        AccessGate gate = gates("rate_limit: {interval: 10s, burst: 2}\n").metrics();

        assertThat(ask(gate, "192.0.2.1", null).in()).isTrue();
        assertThat(ask(gate, "192.0.2.2", null).in()).isTrue();
        Verdict limited = ask(gate, "192.0.2.3", null);
        assertThat(limited.status()).isEqualTo(429);
        assertThat(limited.headers()).containsEntry("Retry-After", "10");
        assertThat(gate.decide(InetAddress.getByName("192.0.2.3"), "/healthz", OPEN, null)
                        .in())
                .isTrue();
        pass(Duration.ofSeconds(10));
        assertThat(ask(gate, "192.0.2.1", null).in()).isTrue();
        assertThat(ask(gate, "192.0.2.1", null).status()).isEqualTo(429);
    }

    @Test
    void aNewLimitBeginsFull() {
        RequestLimit limit = new RequestLimit();
        RateLimit one = new RateLimit(Duration.ofSeconds(1), 1);
        RateLimit other = new RateLimit(Duration.ofSeconds(2), 1);

        assertThat(limit.allows(one, nanos.get())).isTrue();
        assertThat(limit.allows(one, nanos.get())).isFalse();
        assertThat(limit.allows(other, nanos.get())).isTrue();
        assertThat(limit.allows(other, nanos.get())).isFalse();
    }

    @Test
    void unknownNamesTakeAsLongAsKnownOnes() {
        // Of two users with hashes of two costs, an unknown name is checked with one of them, always the same.
        Map<String, PasswordHash> users = Map.of(
                "ana", new PasswordHash(hash("right", 4)),
                "bob", new PasswordHash(hash("also", 4)));
        Passwords passwords = new Passwords(nanos::get);

        for (int i = 0; i < 20; i++) {
            String stranger = "stranger" + i;
            assertThat(passwords.check(users, stranger, "right".getBytes(StandardCharsets.UTF_8), 0))
                    .isEqualTo(Passwords.Answer.WRONG);
            assertThat(passwords.check(users, stranger, "also".getBytes(StandardCharsets.UTF_8), 0))
                    .isEqualTo(Passwords.Answer.WRONG);
        }
    }

    @Test
    void hashesOfAllProgramsAreRead() {
        byte[] password = "U*U*U".getBytes(StandardCharsets.UTF_8);
        Passwords passwords = new Passwords(nanos::get);
        for (BCrypt.Version version :
                List.of(BCrypt.Version.VERSION_2A, BCrypt.Version.VERSION_2B, BCrypt.Version.VERSION_2Y)) {
            String hash = BCrypt.with(version).hashToString(4, "U*U*U".toCharArray());
            assertThat(passwords.check(Map.of("ana", new PasswordHash(hash)), "ana", password, 0))
                    .isEqualTo(Passwords.Answer.RIGHT);
        }
        // One of OpenBSD's, from crypt_blowfish's published test vectors.
        PasswordHash known = new PasswordHash("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a");
        assertThat(passwords.check(Map.of("ana", known), "ana", password, 0)).isEqualTo(Passwords.Answer.RIGHT);
        assertThat(passwords.check(Map.of("ana", known), "ana", new byte[0], 0)).isEqualTo(Passwords.Answer.WRONG);
        assertThat(passwords.check(Map.of("ana", known), "ana", new byte[] {0, 1, -1}, 0))
                .isEqualTo(Passwords.Answer.WRONG);
    }

    @Test
    void pastSeventyTwoBytesNothingCountsAsEverywhere() {
        String start = "x".repeat(72);
        Map<String, PasswordHash> users = Map.of("ana", new PasswordHash(hash(start, 4)));

        assertThat(new Passwords(nanos::get).check(users, "ana", (start + "y").getBytes(StandardCharsets.UTF_8), 0))
                .isEqualTo(Passwords.Answer.RIGHT);
    }

    @Test
    void aChangedPasswordIsNotRemembered() {
        Passwords passwords = new Passwords(nanos::get);
        byte[] old = "old".getBytes(StandardCharsets.UTF_8);
        PasswordHash before = new PasswordHash(hash("old", 4));
        PasswordHash after = new PasswordHash(hash("new", 4));

        assertThat(passwords.check(Map.of("ana", before), "ana", old, 0)).isEqualTo(Passwords.Answer.RIGHT);
        assertThat(passwords.check(Map.of("ana", before), "ana", old, 0)).isEqualTo(Passwords.Answer.RIGHT);
        assertThat(passwords.check(Map.of("ana", after), "ana", old, 0)).isEqualTo(Passwords.Answer.WRONG);
        assertThat(passwords.check(Map.of("bob", before), "ana", old, 0)).isEqualTo(Passwords.Answer.WRONG);
    }

    @Test
    void anHourUnusedAPasswordIsCheckedAnew() {
        Map<String, PasswordHash> users = Map.of("ana", new PasswordHash(hash("right", 4)));
        Passwords passwords = new Passwords(nanos::get);
        byte[] right = "right".getBytes(StandardCharsets.UTF_8);
        passwords.check(users, "ana", right, 0);

        pass(Passwords.REMEMBERED.minusSeconds(1));
        assertThat(passwords.remembered(users, "ana", right)).isTrue();
        pass(Passwords.REMEMBERED.minusSeconds(1));
        assertThat(passwords.remembered(users, "ana", right)).isTrue();
        pass(Passwords.REMEMBERED);
        assertThat(passwords.remembered(users, "ana", right)).isFalse();
    }

    @Test
    void manyGuessesAtOnceTakeOneProcessorAndDoNotPileUp() throws Exception {
        Map<String, PasswordHash> users = Map.of("ana", new PasswordHash(hash("right", 10)));
        Passwords passwords = new Passwords(nanos::get);
        byte[] right = "right".getBytes(StandardCharsets.UTF_8);
        assertThat(passwords.check(users, "ana", right, 0)).isEqualTo(Passwords.Answer.RIGHT);
        ExecutorService clients = Executors.newFixedThreadPool(64);
        try {
            CountDownLatch go = new CountDownLatch(1);
            List<Future<Passwords.Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                byte[] guess = ("guess" + i).getBytes(StandardCharsets.UTF_8);
                answers.add(clients.submit(() -> {
                    go.await();
                    return passwords.check(users, "ana", guess, 0);
                }));
            }
            go.countDown();
            // Who is known does not wait for those.
            assertThat(passwords.check(users, "ana", right, 0)).isEqualTo(Passwords.Answer.RIGHT);
            List<Passwords.Answer> all = new ArrayList<>();
            for (Future<Passwords.Answer> answer : answers) {
                all.add(answer.get(30, TimeUnit.SECONDS));
            }
            assertThat(all).doesNotContain(Passwords.Answer.RIGHT).contains(Passwords.Answer.BUSY);
        } finally {
            clients.shutdownNow();
        }
    }
}

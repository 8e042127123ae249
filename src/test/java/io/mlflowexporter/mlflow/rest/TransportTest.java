package io.mlflowexporter.mlflow.rest;

import static io.mlflowexporter.testing.ScriptedServer.announced;
import static io.mlflowexporter.testing.ScriptedServer.gzip;
import static io.mlflowexporter.testing.ScriptedServer.head;
import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static io.mlflowexporter.testing.ScriptedServer.zipped;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.testing.ScriptedServer;
import io.mlflowexporter.testing.ScriptedServer.Answer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that fail, answers that come late, broken or too large. */
final class TransportTest {
    private static final String ONE = "{\"experiments\": [{\"experiment_id\": \"7\", \"name\": \"bikes\"}]}";
    private static final byte[] ONE_BYTES = ONE.getBytes(StandardCharsets.UTF_8);

    private final ScriptedServer server = ScriptedServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aRefusedConnectionIsTriedAgainAndThenTold() throws Exception {
        int port = server.port();
        server.close();
        Client client = Client.of("http://127.0.0.1:" + port, "retries", "2");

        MlflowException failure = client.failure();

        assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(failure)
                .hasMessage("cannot read experiments/search from http://127.0.0.1:" + port
                        + ": nothing answers there; is MLflow running at this address?");
        assertThat(client.pauses).hasSize(2);
        assertThat(client.requests("experiments/search", "unreachable")).contains("3.0");
    }

    @Test
    void anUnknownHostIsNamed() throws Exception {
        MlflowException failure =
                Client.of("http://mlflow.invalid:5000", "retries", "0").failure();

        assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(failure).hasMessageEndingWith("the host name is not known; check the address");
    }

    @Test
    void aConnectionThatDoesNotOpenTimesOut() throws Exception {
        // A listener whose queue is full drops further connections, as a firewall does.
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket[] fill = new Socket[8];
            try {
                for (int i = 0; i < fill.length; i++) {
                    fill[i] = new Socket();
                    try {
                        fill[i].connect(full.getLocalSocketAddress(), 50);
                    } catch (java.net.SocketTimeoutException e) {
                        break;
                    }
                }
                Client client =
                        Client.of("http://127.0.0.1:" + full.getLocalPort(), "connect_timeout", "50ms", "retries", "1");

                MlflowException failure = client.failure();

                assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
                assertThat(failure).hasMessageContaining("no connection within mlflow.connect_timeout");
                assertThat(client.requests("experiments/search", "timeout")).contains("2.0");
            } finally {
                for (Socket socket : fill) {
                    if (socket != null) {
                        socket.close();
                    }
                }
            }
        }
    }

    /** One byte now and then, for ever: no time limit between bytes would end it. */
    private Answer drip(CountDownLatch clientGone) {
        return out -> {
            try {
                out.write(head(200, 1_000_000));
                while (true) {
                    out.write(' ');
                    out.flush();
                    Thread.sleep(5);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                clientGone.countDown();
            }
        };
    }

    @Test
    void aDrippingAnswerIsCutOffAndItsConnectionClosed() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        server.otherwise(request -> drip(gone));
        Client client = Client.of(server.uri(), "read_timeout", "100ms");

        MlflowException failure = client.failure();

        assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
        assertThat(failure).hasMessageContaining("no whole answer within 0.1 s");
        assertThat(gone.await(30, TimeUnit.SECONDS)).as("connection closed").isTrue();
        assertThat(client.requests("experiments/search", "timeout")).contains("1.0");
    }

    @Test
    void theDeadlineOfTheRefreshEndsWhatReadTimeoutWouldAllow() throws Exception {
        server.otherwise(request -> drip(new CountDownLatch(1)));
        Client client = Client.of(server.uri(), "read_timeout", "1h");
        client.source.deadline(Duration.ofMillis(100));

        assertThat(client.failure()).hasMessageContaining("the time for this refresh is over");

        int asked = server.requests().size();
        assertThat(client.failure().kind()).isEqualTo(Kind.REFRESH_OVER);
        assertThat(server.requests()).as("nothing is sent any more").hasSize(asked);
    }

    @Test
    void whatBreaksOnTheWayIsReadAgain() throws Exception {
        byte[] half = Arrays.copyOf(ONE_BYTES, 20);
        server.then(
                out -> {
                    // Closed without a word.
                },
                announced(200, half, ONE_BYTES.length),
                out -> out.write("SSH-2.0-OpenSSH_9.2\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
                json(ONE));
        Client client = Client.of(server.uri());

        assertThat(client.experiments()).extracting(e -> e.name()).containsExactly("bikes");
        assertThat(client.requests("experiments/search", "unreachable")).contains("3.0");
        assertThat(client.requests("experiments/search", "200")).contains("1.0");
    }

    @Test
    void aConnectionThatAlwaysBreaksIsToldTheSameWayEachTime() throws Exception {
        server.then(announced(200, new byte[3], 10), announced(200, new byte[4], 12));
        Client client = Client.of(server.uri(), "retries", "0");

        MlflowException first = client.failure();
        MlflowException second = client.failure();

        assertThat(first).hasMessageContaining("the connection broke");
        assertThat(first.getMessage()).isNotEqualTo(second.getMessage());
        assertThat(first.fault()).isEqualTo(second.fault());
    }

    @Test
    void compressedAnswersAreUnpackedAndBytesCountedAsTheyCame() throws Exception {
        byte[] zipped = zipped(ONE_BYTES);
        server.then(gzip(200, zipped));
        Client client = Client.of(server.uri());

        assertThat(client.experiments()).hasSize(1);
        assertThat(client.sample("mlflow_exporter_api_received_bytes_total{operation=\"experiments/search\"}"))
                .contains(zipped.length + ".0");
        assertThat(client.sample(
                        "mlflow_exporter_api_request_duration_seconds_count{operation=\"experiments/search\"}"))
                .contains("1");
        assertThat(server.requests().get(0).headers()).containsEntry("accept-encoding", "gzip");
    }

    @Test
    void aCompressedAnswerThatBreaksOffOrIsNoneIsNotTaken() throws Exception {
        byte[] zipped = zipped(ONE_BYTES);
        byte[] wrongSum = zipped.clone();
        wrongSum[zipped.length - 8] ^= 1;
        server.then(gzip(200, Arrays.copyOf(zipped, zipped.length - 12)), gzip(200, ONE_BYTES), gzip(200, wrongSum));
        Client client = Client.of(server.uri());

        assertThat(client.failure().kind()).isEqualTo(Kind.BAD_ANSWER);
        assertThat(client.failure()).hasMessageContaining("says it is gzip but is not");
        assertThat(client.failure().kind()).isEqualTo(Kind.BAD_ANSWER);
    }

    @Test
    void abrokenErrorPageIsStillAnError() throws Exception {
        server.then(gzip(503, ONE_BYTES), json(ONE));

        assertThat(Client.of(server.uri()).experiments()).hasSize(1);
    }

    @Test
    void theByteLimitHoldsBeforeAndAfterUnpacking() throws Exception {
        byte[] large = (" ".repeat(65_536) + "{\"runs\": []}").getBytes(StandardCharsets.UTF_8);
        Client client = Client.of(server.uri(), "max_response_size", "64KiB");

        server.otherwise(request -> status(200, new String(large, StandardCharsets.UTF_8)));
        MlflowException plain = runsFailure(client);
        int halved = server.requests().size();
        server.otherwise(request -> gzip(200, zipped(large)));
        MlflowException bomb = runsFailure(client);

        assertThat(plain.kind()).isEqualTo(Kind.TOO_LARGE);
        assertThat(plain).hasMessageContaining("larger than mlflow.max_response_size, 65536 bytes");
        assertThat(bomb.kind()).isEqualTo(Kind.TOO_LARGE);
        assertThat(bomb).hasMessageContaining("larger than mlflow.max_response_size, 65536 bytes");
        assertThat(client.pauses).isEmpty();
        assertThat(halved).as("pages of 100, 50 and so on to 1").isEqualTo(7);
    }

    /** A list goes on past the limit with one element a page, whose fields are read as they come. */
    @Test
    void anElementOfAListIsReadPastTheByteLimit() throws Exception {
        String large = " ".repeat(65_536) + ONE;
        Client client = Client.of(server.uri(), "max_response_size", "64KiB");

        server.otherwise(request -> status(200, large));
        assertThat(client.experiments()).hasSize(1);
        assertThat(server.requests()).as("pages of 1,000, 500 and so on to 1").hasSizeGreaterThanOrEqualTo(10);
        assertThat(client.requests("experiments/search", "too_large")).contains("10.0");
    }

    private static MlflowException runsFailure(Client client) {
        try {
            client.runs();
        } catch (MlflowException e) {
            return e;
        }
        throw new AssertionError("nothing failed");
    }

    @Test
    void aStopEndsTheWaitAtOnce() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        server.otherwise(request -> {
            asked.countDown();
            return drip(new CountDownLatch(1));
        });
        Client client = Client.of(server.uri());
        Thread reader = Thread.currentThread();
        Thread stopper = new Thread(() -> {
            try {
                asked.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            reader.interrupt();
        });
        stopper.start();

        assertThat(client.failure().kind()).isEqualTo(Kind.INTERRUPTED);
        assertThat(Thread.interrupted()).as("the interrupt is passed on").isTrue();
    }
}

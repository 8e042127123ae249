package io.mlflowexporter.web.listener;

import io.mlflowexporter.web.access.ClientNetwork;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one listener. There are so many at most, and an address has half of them at most. A newcomer is not
 * turned away: it takes the place of the oldest connection without a request under way, of its own address or of the one
 * that has most. So there is always room for a scrape and a health check, whoever holds connections open. An address is a
 * {@link ClientNetwork}.
 *
 * <p>Safe for use by any number of threads.
 */
public final class ConnectionTable {
    /** So many that their buffers, those of TLS included, fit into the smallest heap that is recommended. */
    public static final int MOST = 128;

    public static final int MOST_OF_ADDRESS = 64;

    /** How long a request keeps its connection from being closed for a newcomer; a scrape takes less. */
    private static final long PROTECTED_NANOS = Duration.ofSeconds(10).toNanos();

    private final int most;
    private final int mostOfAddress;
    private final LongSupplier nanos;
    /** The oldest first. */
    private final Map<SelectableChannel, Entry> open = new LinkedHashMap<>();

    private final Map<String, Integer> perAddress = new HashMap<>();

    private static final class Entry {
        private final SelectableChannel channel;
        private final String address;
        private @Nullable EndPoint endPoint;
        private boolean busy;
        private long busySince;

        private Entry(SelectableChannel channel, String address) {
            this.channel = channel;
            this.address = address;
        }

        /** By its end point, where there is one, so that Jetty gives back its buffers. */
        private void close() throws IOException {
            if (endPoint == null) {
                channel.close();
            } else {
                endPoint.close();
            }
        }
    }

    /** @param nanos a monotonic clock */
    public ConnectionTable(int most, int mostOfAddress, LongSupplier nanos) {
        this.most = most;
        this.mostOfAddress = mostOfAddress;
        this.nanos = nanos;
    }

    /**
     * Takes a new connection in, and closes another one for it where there are too many.
     *
     * @return false: every one that could make room has a request under way
     */
    boolean admit(SelectableChannel channel) throws IOException {
        if (!(channel instanceof SocketChannel socket)
                || !(socket.getRemoteAddress() instanceof InetSocketAddress from)) {
            return false;
        }
        String address = ClientNetwork.of(from.getAddress());
        Entry closed = null;
        synchronized (this) {
            boolean share = perAddress.getOrDefault(address, 0) >= mostOfAddress;
            if (share || open.size() >= most) {
                closed = oldestWaiting(share ? address : greediest(), address, share);
                if (closed == null) {
                    return false;
                }
                remove(closed.channel);
            }
            open.put(channel, new Entry(channel, address));
            perAddress.merge(address, 1, Integer::sum);
        }
        if (closed != null) {
            closed.close();
        }
        return true;
    }

    private String greediest() {
        return perAddress.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    /**
     * The oldest without a request under way, of the address, or else of any. Where all are busy, the oldest of the address
     * if that has far more than the newcomer's. Null where there is none.
     *
     * @param onlyOf not of any
     */
    private @Nullable Entry oldestWaiting(String address, String newcomer, boolean onlyOf) {
        long now = nanos.getAsLong();
        Entry any = null;
        Entry busy = null;
        for (Entry entry : open.values()) {
            boolean of = entry.address.equals(address);
            if (!entry.busy || now - entry.busySince > PROTECTED_NANOS) {
                if (of) {
                    return entry;
                }
                any = any == null ? entry : any;
            } else if (of && busy == null) {
                busy = entry;
            }
        }
        if (onlyOf) {
            return null;
        }
        boolean fewer = perAddress.getOrDefault(newcomer, 0) + 1 < perAddress.getOrDefault(address, 0);
        return any == null && fewer ? busy : any;
    }

    /** Jetty has made something of the connection. */
    void opened(EndPoint endPoint) {
        boolean wanted;
        synchronized (this) {
            Entry entry = open.get(channel(endPoint));
            wanted = entry != null;
            if (entry != null) {
                entry.endPoint = endPoint;
            }
        }
        if (!wanted) {
            endPoint.close();
        }
    }

    void closed(EndPoint endPoint) {
        remove(channel(endPoint));
    }

    synchronized void remove(@Nullable SelectableChannel channel) {
        Entry entry = open.remove(channel);
        if (entry != null) {
            perAddress.computeIfPresent(entry.address, (address, count) -> count == 1 ? null : count - 1);
        }
    }

    /** A request has arrived. */
    synchronized void begin(EndPoint endPoint) {
        Entry entry = open.get(channel(endPoint));
        if (entry != null) {
            entry.busy = true;
            entry.busySince = nanos.getAsLong();
        }
    }

    /** Its answer has been written, or given up. The connection now counts as the newest: it has proved of use. */
    synchronized void end(EndPoint endPoint) {
        SelectableChannel channel = channel(endPoint);
        Entry entry = open.remove(channel);
        if (entry != null && channel != null) {
            entry.busy = false;
            open.put(channel, entry);
        }
    }

    private static @Nullable SelectableChannel channel(EndPoint endPoint) {
        Object transport = endPoint.getTransport();
        // With TLS there is an end point within an end point.
        while (transport instanceof EndPoint inner) {
            transport = inner.getTransport();
        }
        return transport instanceof SelectableChannel channel ? channel : null;
    }
}

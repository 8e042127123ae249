package io.mlflowexporter.web.listener;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;

/** A connection of a client anywhere, over which nothing is sent. */
final class ConnectionOfClient extends SocketChannel {
    private final SocketAddress from;

    /** @param address as digits */
    ConnectionOfClient(String address) throws UnknownHostException {
        super(SelectorProvider.provider());
        this.from = new InetSocketAddress(InetAddress.getByName(address), 50_000);
    }

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("nothing is sent");
    }

    @Override
    public SocketAddress getRemoteAddress() {
        return from;
    }

    @Override
    public SocketAddress getLocalAddress() {
        throw unused();
    }

    @Override
    public SocketChannel bind(SocketAddress local) {
        throw unused();
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        throw unused();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw unused();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public SocketChannel shutdownInput() {
        throw unused();
    }

    @Override
    public SocketChannel shutdownOutput() {
        throw unused();
    }

    @Override
    public Socket socket() {
        throw unused();
    }

    @Override
    public boolean isConnected() {
        return isOpen();
    }

    @Override
    public boolean isConnectionPending() {
        return false;
    }

    @Override
    public boolean connect(SocketAddress remote) {
        throw unused();
    }

    @Override
    public boolean finishConnect() {
        throw unused();
    }

    @Override
    public int read(ByteBuffer to) {
        throw unused();
    }

    @Override
    public long read(ByteBuffer[] to, int offset, int length) {
        throw unused();
    }

    @Override
    public int write(ByteBuffer from) {
        throw unused();
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) {
        throw unused();
    }

    @Override
    protected void implCloseSelectableChannel() {
        // Nothing was opened.
    }

    @Override
    protected void implConfigureBlocking(boolean block) {
        // Nothing waits.
    }
}

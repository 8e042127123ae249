package io.mlflowexporter.web.access;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;

/** What limits per address count as one client: an address of IPv4, a /64 of IPv6, for a host has all addresses of that. */
public final class ClientNetwork {
    private static final int IPV6_BYTES = 8;

    private ClientNetwork() {}

    /** The same text for all addresses of one client. */
    public static String of(InetAddress address) {
        byte[] bytes = address.getAddress();
        int length = address instanceof Inet6Address ? IPV6_BYTES : bytes.length;
        return HexFormat.of().formatHex(bytes, 0, length);
    }
}

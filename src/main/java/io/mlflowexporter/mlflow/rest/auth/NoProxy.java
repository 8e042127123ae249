package io.mlflowexporter.mlflow.rest.auth;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What is asked without a proxy, as Go's {@code httpproxy} reads {@code NO_PROXY}, and so Prometheus: addresses, CIDR
 * blocks, domains with their subdomains ({@code .example.com}: the subdomains only), each with a port if need be.
 */
final class NoProxy {
    private static final Pattern IP = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private final List<String> entries;

    NoProxy(String list) {
        entries = Arrays.stream(list.split(",", -1))
                .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    boolean holds(URI target) {
        String host = host(target);
        int port = target.getPort() >= 0 ? target.getPort() : "https".equalsIgnoreCase(target.getScheme()) ? 443 : 80;
        return entries.stream().anyMatch(entry -> matches(entry, host, port));
    }

    /** The host without the brackets of an IPv6 address. */
    static String host(URI target) {
        return String.valueOf(target.getHost()).toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "");
    }

    /** Whether the machine itself is meant. */
    static boolean isLoopback(URI target) {
        String host = host(target);
        return host.equals("localhost")
                || (IP.matcher(host).matches() && address(host).isLoopbackAddress());
    }

    private static boolean matches(String entry, String host, int port) {
        if (entry.equals("*")) {
            return true;
        }
        if (entry.indexOf('/') > 0) {
            return IP.matcher(host).matches() && inBlock(entry, host);
        }
        String name = entry;
        boolean bare = IP.matcher(entry).matches() && entry.indexOf(':') != entry.lastIndexOf(':');
        int colon = entry.lastIndexOf(':');
        if (!bare && colon > 0 && entry.substring(colon + 1).matches("[0-9]{1,5}")) {
            if (Integer.parseInt(entry.substring(colon + 1)) != port) {
                return false;
            }
            name = entry.substring(0, colon);
        }
        name = name.replaceAll("[\\[\\]]", "");
        if (IP.matcher(name).matches() || IP.matcher(host).matches()) {
            return IP.matcher(name).matches()
                    && IP.matcher(host).matches()
                    && address(name).equals(address(host));
        }
        String domain = name.startsWith("*.") ? name.substring(1) : name;
        return domain.startsWith(".") ? host.endsWith(domain) : host.equals(domain) || host.endsWith("." + domain);
    }

    private static boolean inBlock(String block, String host) {
        int slash = block.indexOf('/');
        String bits = block.substring(slash + 1);
        String base = block.substring(0, slash);
        if (!bits.matches("[0-9]{1,3}") || !IP.matcher(base).matches()) {
            return false;
        }
        byte[] a = address(base).getAddress();
        byte[] b = address(host).getAddress();
        int size = a.length * 8;
        int prefix = Integer.parseInt(bits);
        return a.length == b.length
                && prefix <= size
                && new BigInteger(1, a)
                        .shiftRight(size - prefix)
                        .equals(new BigInteger(1, b).shiftRight(size - prefix));
    }

    /** Of a text that is one: nothing is looked up. One that only looks so is no machine's. */
    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            return any();
        }
    }

    private static InetAddress any() {
        try {
            return InetAddress.getByAddress(new byte[4]);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}

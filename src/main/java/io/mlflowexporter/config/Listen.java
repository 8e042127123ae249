package io.mlflowexporter.config;

/**
 * Where a listener binds.
 *
 * @param host a name or an address; IPv6 in brackets when written with a port
 * @param port 0 (any free port) to 65535; -1 for {@link #OFF}
 */
public record Listen(String host, int port) {
    /** No listener. */
    public static final Listen OFF = new Listen("", -1);

    /**
     * Reads {@code HOST:PORT}, {@code [IPV6]:PORT} or {@code off}. Names are not looked up.
     *
     * @throws IllegalArgumentException if the text is none; says what is allowed
     */
    public static Listen of(String text) {
        return ListenText.parse(text);
    }

    /** Whether there is a listener at all. */
    public boolean enabled() {
        return port >= 0;
    }

    @Override
    public String toString() {
        if (!enabled()) {
            return "off";
        }
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
}

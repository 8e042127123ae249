package io.mlflowexporter.settings.value;

/**
 * Where a listener binds.
 *
 * @param host a name or an address; IPv6 in brackets when written with a port
 * @param port 0 (any free port) to 65535; -1 for {@link #OFF}
 */
@SettingType("HOST:PORT or off")
public record ListenAddress(String host, int port) {
    /** No listener. */
    public static final ListenAddress OFF = new ListenAddress("", -1);

    /**
     * Reads {@code HOST:PORT}, {@code [IPV6]:PORT} or {@code off}. Names are not looked up.
     *
     * @throws IllegalArgumentException if the text is none; says what is allowed
     */
    public static ListenAddress of(String text) {
        return ListenParser.parse(text);
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

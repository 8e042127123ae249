package io.mlflowexporter.settings.value;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/** An address of something other than an MLflow server, kept as it was written: a slash at its end can matter. */
@SettingType(value = "address", pattern = "^[Hh][Tt][Tt][Pp][Ss]?://")
public record WebAddress(URI uri) {
    private static final String ALLOWED = "; allowed: http://HOST:PORT/PATH or https://HOST:PORT/PATH";
    private static final int GREATEST_PORT = 65_535;

    /**
     * Reads one.
     *
     * @throws BadValueException if it is not an absolute http or https address
     */
    public static WebAddress of(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            // The exception's own message quotes the text, which may hold a password.
            throw new BadValueException(shown(text) + " is not a valid address" + ALLOWED);
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new BadValueException(shown(text) + " is not an address" + ALLOWED);
        }
        if (uri.getHost() == null) {
            throw new BadValueException(shown(text) + " has no valid host" + ALLOWED);
        }
        if (uri.getPort() > GREATEST_PORT || uri.getPort() == 0) {
            throw new BadValueException(shown(text) + " has a port outside 1 to 65535");
        }
        if (uri.getRawFragment() != null) {
            throw new BadValueException(shown(text) + " has a fragment; give the address without");
        }
        return new WebAddress(uri);
    }

    /** A query may hold a secret as well as the user information does. */
    private static String shown(String text) {
        return Quoted.shown(Quoted.withoutUserInfo(text).replaceFirst("(?s)[?#].*", ""));
    }

    /** User and password in it, still encoded. */
    public Optional<String> userInfo() {
        return Optional.ofNullable(uri.getRawUserInfo());
    }

    /** Whether what is sent there can be read on its way by others than this machine. */
    public boolean inTheClear() {
        String host = uri.getHost();
        boolean local = host.equals("localhost") || host.equals("[::1]") || host.startsWith("127.");
        return uri.getScheme().equalsIgnoreCase("http") && !local;
    }

    /** Without credentials. */
    @Override
    public String toString() {
        return Quoted.maskUserInfo(uri.toString());
    }
}

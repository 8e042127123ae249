package io.mlflowexporter.settings.value;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads where a listener binds. */
final class ListenParser {
    private static final Pattern BRACKETED = Pattern.compile("\\[([^\\[\\]]+)]:([0-9]{1,5})");
    private static final Pattern PLAIN = Pattern.compile("([^:\\[\\]]+):([0-9]{1,5})");
    private static final Pattern PORT_ONLY = Pattern.compile(":?([0-9]{1,5})");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})");
    private static final Pattern NUMERIC = Pattern.compile("[0-9.]+");
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.(?!$)|$)){4}");
    private static final Pattern IPV6_CHARACTERS = Pattern.compile("[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?");
    private static final int GREATEST_PORT = 65_535;

    private ListenParser() {}

    static ListenAddress parse(String text) {
        if (text.equals("off")) {
            return ListenAddress.OFF;
        }
        Matcher bracketed = BRACKETED.matcher(text);
        if (bracketed.matches()) {
            require(isIpv6(bracketed.group(1)), text, " has no IPv6 address in its brackets");
            return new ListenAddress(bracketed.group(1), port(text, bracketed.group(2)));
        }
        Matcher plain = PLAIN.matcher(text);
        if (plain.matches()) {
            require(isHost(plain.group(1)), text, " has no valid host");
            return new ListenAddress(plain.group(1), port(text, plain.group(2)));
        }
        Matcher port = PORT_ONLY.matcher(text);
        if (port.matches()) {
            throw new BadValueException(Quoted.shown(text) + " has no host; write 0.0.0.0:" + port.group(1)
                    + " for all interfaces or 127.0.0.1:" + port.group(1) + " for this machine only");
        }
        require(!isIpv6(text.replaceFirst(":[0-9]+$", "")), text, " is an IPv6 address without brackets");
        throw bad(text, " is not HOST:PORT");
    }

    private static int port(String text, String digits) {
        int port = Integer.parseInt(digits);
        require(port <= GREATEST_PORT, text, " has a port above 65535");
        return port;
    }

    private static boolean isHost(String host) {
        return HOST.matcher(host).matches()
                && (!NUMERIC.matcher(host).matches() || IPV4.matcher(host).matches());
    }

    private static boolean isIpv6(String host) {
        if (!IPV6_CHARACTERS.matcher(host).matches() || host.indexOf(':') < 0) {
            return false;
        }
        // Whether the interface after % exists is for the machine that binds to say.
        String address = host.replaceFirst("%.*", "");
        try {
            // In brackets it is taken as an address or refused; it is never looked up.
            InetAddress.getByName("[" + address + "]");
            return true;
        } catch (UnknownHostException notAnAddress) {
            return false;
        }
    }

    private static void require(boolean condition, String text, String complaint) {
        if (!condition) {
            throw bad(text, complaint);
        }
    }

    private static BadValueException bad(String text, String complaint) {
        return new BadValueException(Quoted.shown(text) + complaint
                + "; allowed: HOST:PORT with a port from 0 to 65535, such as 127.0.0.1:9818 or [::1]:9818, or off");
    }
}

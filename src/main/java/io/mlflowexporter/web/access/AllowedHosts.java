package io.mlflowexporter.web.access;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names a listener answers to. A web site can give its own name the exporter's address (DNS rebinding), and then its
 * scripts may read what the exporter says; but they cannot change the {@code Host} that a browser sends.
 *
 * @param allowed in lower case, with a port or for any port; empty: every name
 * @param localToo whether addresses and names without a dot are answered besides: Prometheus asks its targets by these, and no
 *     web site has one
 */
public record AllowedHosts(List<String> allowed, boolean localToo) {
    public static final AllowedHosts ANY = new AllowedHosts(List.of(), false);

    private static final Pattern PORT = Pattern.compile(":\\d*$");
    private static final Pattern ADDRESS = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+|\\[[0-9a-f:.]+]|localhost");

    public AllowedHosts {
        allowed = allowed.stream().map(AllowedHosts::lower).toList();
    }

    /** Whether a request for this host is answered. */
    public boolean answer(@Nullable String host) {
        if (allowed.isEmpty()) {
            return true;
        }
        String asked = lower(host == null ? "" : host);
        return allowed.contains(asked) || allowed.contains(name(asked)) || (localToo && isLocal(name(asked)));
    }

    private static boolean isLocal(String name) {
        return ADDRESS.matcher(name).matches() || (!name.isEmpty() && !name.contains("."));
    }

    /**
     * Whether a browser's request that changes something comes from a page of this listener itself. A name that nobody
     * configured could be any site's, so only addresses count without.
     *
     * @param origin where the page is from
     */
    public boolean own(String origin, @Nullable String host) {
        String asked = lower(host == null ? "" : host);
        boolean same = lower(origin).replaceFirst("^https?://", "").equals(asked) && !asked.isEmpty();
        return same && (allowed.isEmpty() ? ADDRESS.matcher(name(asked)).matches() : answer(host));
    }

    private static String name(String host) {
        return PORT.matcher(host).replaceFirst("");
    }

    private static String lower(String text) {
        return text.strip().toLowerCase(Locale.ROOT);
    }
}

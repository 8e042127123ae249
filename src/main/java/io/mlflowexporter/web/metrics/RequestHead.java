package io.mlflowexporter.web.metrics;

import io.mlflowexporter.exposition.ScrapeRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/** Reads what a scrape asks for. */
final class RequestHead {
    private RequestHead() {}

    /**
     * Reads.
     *
     * @param rawQuery null where there is none
     * @throws IllegalArgumentException for a broken % escape
     */
    static ScrapeRequest scrapeRequest(HttpFields headers, @Nullable String rawQuery) {
        return new ScrapeRequest(
                String.join(",", headers.getValuesList(HttpHeader.ACCEPT)),
                acceptsGzip(String.join(",", headers.getValuesList(HttpHeader.ACCEPT_ENCODING))),
                rawQuery == null ? Set.of() : names(rawQuery));
    }

    private static Set<String> names(String rawQuery) {
        Set<String> names = new HashSet<>();
        for (String pair : rawQuery.split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (decode(key).equals("name[]")) {
                names.add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
        }
        return names;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Whether {@code gzip} is named and its weight is not 0 (RFC 9110, 12.5.3). */
    static boolean acceptsGzip(String acceptEncoding) {
        for (String coding : acceptEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = coding.split(";", -1);
            if (parts[0].strip().equals("gzip")) {
                return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
            }
        }
        return false;
    }
}

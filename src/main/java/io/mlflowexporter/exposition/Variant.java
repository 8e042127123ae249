package io.mlflowexporter.exposition;

import io.prometheus.metrics.config.EscapingScheme;

/**
 * One of the forms bytes are kept in.
 *
 * @param escaping how names are written; only two of client_java's schemes write our names, all of them plain ASCII,
 *     differently
 * @param deflated true: compressed, see {@link Deflated}
 */
record Variant(Format format, EscapingScheme escaping, boolean deflated) {
    Variant {
        if (escaping != EscapingScheme.DOTS_ESCAPING) {
            escaping = EscapingScheme.ALLOW_UTF8;
        }
    }

    Variant plain() {
        return new Variant(format, escaping, false);
    }
}

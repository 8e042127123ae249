package io.mlflowexporter.exposition;

import io.prometheus.metrics.config.EscapingScheme;

/**
 * One of the forms bytes are kept in, always compressed: all of them together take less than one that is not.
 *
 * @param escaping how names are written; only two of client_java's schemes write our names, all of them plain ASCII,
 *     differently
 */
record Variant(Format format, EscapingScheme escaping) {
    Variant {
        if (escaping != EscapingScheme.DOTS_ESCAPING) {
            escaping = EscapingScheme.ALLOW_UTF8;
        }
    }
}

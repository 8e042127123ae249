package io.mlflowexporter.reload;

import java.util.Locale;

/** What kind of file is read again; the value of the {@code file} label. */
public enum FileKind {
    /** {@code cost.file} and the FOCUS files it names. */
    PRICING,
    /** {@code kpi.file}. */
    KPI,
    /** {@code web.config_file} and the certificates, keys and authorities it names. */
    WEB,
    /** Whom a client of the exporter trusts, and how it shows who it is. */
    CLIENT_CERTIFICATE;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}

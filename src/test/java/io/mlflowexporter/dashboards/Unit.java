package io.mlflowexporter.dashboards;

/** What a value is measured in, by Grafana's name for it. */
enum Unit {
    /** Amounts of money: Grafana takes no currency from a variable, so the title names it. */
    MONEY("locale"),
    COUNT("locale"),
    NUMBER("none"),
    RATIO("percentunit"),
    SECONDS("s"),
    /** Milliseconds since 1970, shown as "3 days ago". */
    AGO("dateTimeFromNow"),
    /** Milliseconds since 1970, shown as a date and a time. */
    TIME("dateTimeAsSystem"),
    BYTES("bytes"),
    BYTES_PER_SECOND("Bps"),
    REQUESTS_PER_SECOND("reqps"),
    WATTS("watt"),
    KILOWATT_HOURS("kwatth"),
    GRAMS("massg"),
    YES_NO("bool_yes_no");

    private final String id;

    Unit(String id) {
        this.id = id;
    }

    String id() {
        return id;
    }
}

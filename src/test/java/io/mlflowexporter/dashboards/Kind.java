package io.mlflowexporter.dashboards;

/** How a panel shows its numbers. */
enum Kind {
    /** One large number, or a few. */
    STAT("stat"),
    /** One number on a dial. */
    GAUGE("gauge"),
    /** A number each, as horizontal bars. */
    BARS("bargauge"),
    /** Parts of a whole. */
    PIE("piechart"),
    /** Lines over time. */
    LINES("timeseries"),
    /** Areas on top of each other over time. */
    STACK("timeseries"),
    /** Amounts per step on top of each other over time. */
    COLUMNS("timeseries"),
    /** A dot for each event. */
    DOTS("timeseries"),
    /** How many were how large, over time. */
    HEAT("heatmap"),
    TABLE("table");

    private final String type;

    Kind(String type) {
        this.type = type;
    }

    /** Grafana's name for it. */
    String type() {
        return type;
    }

    /**
     * Whether a panel of this kind asks for the value now, not for a range. Of a range Grafana moves the end back to a multiple
     * of the step, so that a number on a dashboard of a month would be as old as an hour.
     */
    boolean instant() {
        return type.equals("stat") || type.equals("gauge") || this == BARS || this == PIE || this == TABLE;
    }
}

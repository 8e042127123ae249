package io.mlflowexporter.web.pages;

import java.util.OptionalInt;

/** What the pages share: head, title, navigation and foot. */
enum PageLayout {
    STATUS("/", "Status", "mlflow-exporter"),
    ESTIMATE(EstimateRoute.PAGE, "Estimate costs", "Estimate");

    private final String path;
    private final String link;
    private final String heading;

    PageLayout(String path, String link, String heading) {
        this.path = path;
        this.link = link;
        this.heading = heading;
    }

    /**
     * Writes what comes before a page's content.
     *
     * @param about a line below the heading
     * @param reloadSeconds after which the page loads itself anew
     */
    void begin(Html page, String about, OptionalInt reloadSeconds) {
        page.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
                .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
                .raw("<meta name=\"color-scheme\" content=\"light dark\">");
        reloadSeconds.ifPresent(seconds -> page.raw("<meta http-equiv=\"refresh\" content=\"" + seconds + "\">"));
        page.raw("<title>" + (this == STATUS ? "" : heading + " – ") + STATUS.heading + "</title>")
                .raw("<link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/style.css\"></head>")
                .raw("<body><header><h1>" + heading + "</h1><p class=\"soft\">")
                .text(about)
                .raw("</p><nav>");
        links(page);
        page.raw("</nav></header><main>");
    }

    /**
     * Writes what comes after a page's content.
     *
     * @param links markup of further links
     * @param note markup of a last line
     */
    void end(Html page, String links, String note) {
        page.raw("</main><footer><p>");
        links(page);
        page.raw(links + "</p><p class=\"soft\">" + note + "</p></footer></body></html>");
    }

    private void links(Html page) {
        for (PageLayout other : values()) {
            if (other != this) {
                page.raw("<a href=\"" + other.path + "\">" + other.link + "</a> ");
            }
        }
    }
}

package io.mlflowexporter.web.pages;

import io.javalin.http.Context;
import io.mlflowexporter.reload.ReloadAnswer;
import io.mlflowexporter.web.access.AllowedHosts;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code POST /-/reload}, as Prometheus has it. */
final class ReloadRoute {
    static final String PATH = "/-/reload";

    private final Optional<Supplier<ReloadAnswer>> reload;
    private final AllowedHosts hosts;

    ReloadRoute(Optional<Supplier<ReloadAnswer>> reload, AllowedHosts hosts) {
        this.reload = reload;
        this.hosts = hosts;
    }

    void post(Context context) {
        String origin = context.header("Origin");
        String site = context.header("Sec-Fetch-Site");
        if (reload.isEmpty()) {
            WebServer.plain(
                    context, 403, "reloading by request is off; set web.reload to true, or send the process a SIGHUP");
        } else if ((site != null && !site.equals("same-origin") && !site.equals("none"))
                || (origin != null && !hosts.own(origin, context.header("Host")))) {
            WebServer.plain(context, 403, "a page of another site asks for this; refused");
        } else {
            ReloadAnswer answer = reload.get().get();
            WebServer.plain(context, answer.done() ? 200 : 400, answer.text());
        }
    }

    /** Any other method: a link or a preview must not reload anything. */
    static void other(Context context) {
        context.header("Allow", "POST");
        WebServer.plain(context, 405, "reload with POST");
    }
}

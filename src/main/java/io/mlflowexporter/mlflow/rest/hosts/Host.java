package io.mlflowexporter.mlflow.rest.hosts;

import java.net.URI;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is known of one server now. It learns from answers, and now and then forgets what the server would not do, as
 * servers are upgraded. Safe for use by several threads.
 */
public final class Host {
    private final Capabilities byAddress;
    private volatile Capabilities now;
    private int experimentsAccepted = 1;

    private Host(Capabilities byAddress) {
        this.byAddress = byAddress;
        this.now = byAddress;
    }

    /** A server that nothing is known of but its address. */
    public static Host at(URI address) {
        return new Host(Capabilities.of(address));
    }

    /** What it can do. */
    public Capabilities capabilities() {
        return now;
    }

    /** Whether the server has done all that before, with as many experiments at once: if it refuses now, something is wrong. */
    public synchronized boolean didBefore(Collection<Ability> abilities, int experiments) {
        return experiments <= experimentsAccepted && abilities.stream().allMatch(now::does);
    }

    /** The server did what was asked. */
    public synchronized void accepted(Collection<Ability> abilities, int experiments) {
        experimentsAccepted = Math.max(experimentsAccepted, experiments);
        for (Ability ability : abilities) {
            if (!now.does(ability)) {
                now = now.with(ability);
            }
        }
    }

    /** The server would not do that. */
    public synchronized void refused(Ability ability) {
        now = now.without(ability);
    }

    /** The server would not search so many experiments at once. */
    public synchronized void refusedExperiments(int asked) {
        now = now.withExperimentsPerQuery(Math.min(now.experimentsPerQuery(), Math.max(1, asked / 2)));
        experimentsAccepted = Math.min(experimentsAccepted, now.experimentsPerQuery());
    }

    /** What the server would not do is tried again; what its address tells stays. */
    public synchronized void doubt() {
        Map<Ability, Boolean> can = now.known().entrySet().stream()
                .filter(Map.Entry::getValue)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        can.putAll(byAddress.known());
        now = new Capabilities(byAddress.experimentsPerQuery(), can);
    }

    /** Goes on from what an exporter before this one knew. */
    public synchronized void assume(Capabilities before) {
        now = before;
    }
}

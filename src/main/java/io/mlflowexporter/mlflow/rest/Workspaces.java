package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.rest.hosts.Host;
import io.mlflowexporter.mlflow.rest.pages.Json;
import io.mlflowexporter.mlflow.rest.pages.Pages;
import io.mlflowexporter.mlflow.rest.transport.Call;
import io.mlflowexporter.mlflow.rest.transport.HttpTransport;
import io.mlflowexporter.settings.value.Glob;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a server has workspaces, and which of them are read. */
public final class Workspaces {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String DEFAULT_WORKSPACE = "default";
    private static final int LONGEST_INFO = 64 << 10;

    private final HttpTransport tracking;
    private final Host host;
    private final List<String> wanted;
    private Optional<Boolean> told = Optional.empty();
    /** Whether the server failed to answer and was taken for one without. */
    private boolean unsure;

    Workspaces(HttpTransport tracking, Host host, List<String> wanted) {
        this.tracking = tracking;
        this.host = host;
        this.wanted = wanted;
    }

    /** Whether they are on, as the server last told; it is asked if it never was. */
    boolean on() throws MlflowException {
        if (told.isEmpty()) {
            probe();
        }
        return told.orElse(false);
    }

    /** Asks the server. Those before 3.10 do not know the endpoint; Databricks and proxies may answer anything. */
    void probe() throws MlflowException {
        told = Optional.of(ask());
    }

    /** Asks a server that did not answer the last time; any other is asked by {@link #probe}. */
    void probeAgain() throws MlflowException {
        if (unsure) {
            probe();
        }
    }

    /** Whether the server cannot be read without knowing whether it has any. */
    private boolean needed() {
        return !wanted.isEmpty() || host.capabilities().does(Ability.WORKSPACES);
    }

    private boolean ask() throws MlflowException {
        unsure = false;
        Call call = new Call("server-info", "/api/3.0/mlflow/server-info", Optional.empty(), "")
                .mayBeRefused(needed() ? Call.UNKNOWN : Call.OPTIONAL);
        try (InputStream body = tracking.send(call)) {
            JsonNode answer = JSON.readTree(body.readNBytes(LONGEST_INFO));
            if (!answer.isObject()) {
                throw new IOException("no JSON object");
            }
            boolean on = answer.path("workspaces_enabled").asBoolean(false);
            host.accepted(List.of(Ability.SERVER_INFO), 0);
            if (on) {
                host.accepted(List.of(Ability.WORKSPACES), 0);
            } else {
                host.refused(Ability.WORKSPACES);
            }
            return on;
        } catch (IOException e) {
            return withoutWorkspaces(tracking.problem(Kind.BAD_ANSWER, call, "the answer is not JSON", "", e));
        } catch (MlflowException e) {
            return withoutWorkspaces(e);
        }
    }

    /** Where they were on, an answer that does not say so is a fault: they would seem to be another server's. */
    private boolean withoutWorkspaces(MlflowException e) throws MlflowException {
        boolean failed = e.kind() == Kind.UNAVAILABLE || e.kind().slow();
        if (failed && !needed()) {
            unsure = true;
            return false;
        }
        boolean refused = notThere(e) || e.kind() == Kind.UNAUTHORIZED || e.kind() == Kind.FORBIDDEN;
        if (host.capabilities().does(Ability.WORKSPACES) || !refused) {
            throw e;
        }
        host.refused(Ability.SERVER_INFO);
        return false;
    }

    /** Whether the server does not have what was asked for, rather than fail to answer. */
    private static boolean notThere(MlflowException e) {
        return switch (e.kind()) {
            case NOT_FOUND, MISSING, REJECTED, BAD_ANSWER -> true;
            default -> false;
        };
    }

    /** As {@link io.mlflowexporter.mlflow.MlflowSource#workspaces} says. */
    List<String> selected() throws MlflowException {
        if (!on()) {
            if (!wanted.isEmpty()) {
                throw new MlflowException(
                        Kind.REJECTED,
                        "mlflow.workspaces is set, but " + tracking.address()
                                + " has no workspaces switched on; remove the setting");
            }
            return List.of("");
        }
        if (wanted.isEmpty()) {
            return List.of(DEFAULT_WORKSPACE);
        }
        List<String> patterns = wanted.stream()
                .filter(name -> name.indexOf('*') >= 0 || name.indexOf('?') >= 0)
                .toList();
        if (patterns.isEmpty()) {
            // One that is not there is found out when it is read, and does not stand in the way of the others.
            return wanted.stream().distinct().toList();
        }
        Call call = new Call("workspaces", "/api/3.0/mlflow/workspaces", Optional.empty(), "");
        Set<String> there = names(call);
        List<String> selected = new ArrayList<>();
        for (String name : wanted) {
            Glob glob = Glob.of(name);
            List<String> matches = patterns.contains(name)
                    ? there.stream().filter(glob::matches).sorted().toList()
                    : List.of(name);
            matches.stream().filter(match -> !selected.contains(match)).forEach(selected::add);
        }
        if (selected.isEmpty()) {
            throw tracking.problem(
                    Kind.REJECTED, call, "no workspace matches mlflow.workspaces; check the patterns", "", null);
        }
        return selected;
    }

    private Set<String> names(Call call) throws MlflowException {
        Set<String> there = new HashSet<>();
        Pages.read(
                tracking,
                call,
                "workspaces",
                value -> Json.object(value, (key, field) -> {
                    if (key.equals("name")) {
                        there.add(Json.text(field));
                    }
                }));
        return there;
    }
}

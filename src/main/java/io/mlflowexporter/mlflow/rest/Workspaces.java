package io.mlflowexporter.mlflow.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mlflowexporter.config.Glob;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.OneLine;
import io.mlflowexporter.mlflow.rest.HttpTransport.Call;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a server has workspaces, and which of them are read. */
final class Workspaces {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String DEFAULT_WORKSPACE = "default";
    private static final int LONGEST_INFO = 64 << 10;

    private final HttpTransport tracking;
    private final List<String> wanted;
    private boolean seenOn;
    /** What {@link #on} was last told, until {@link #selected} goes by it: a refresh asks both, and the server once. */
    private Optional<Boolean> justTold = Optional.empty();

    Workspaces(HttpTransport tracking, List<String> wanted) {
        this.tracking = tracking;
        this.wanted = wanted;
    }

    /** Servers before 3.10 do not know the endpoint; Databricks and proxies may answer anything. */
    boolean on() throws MlflowException {
        justTold = Optional.empty();
        boolean on = ask();
        justTold = Optional.of(on);
        return on;
    }

    private boolean ask() throws MlflowException {
        Call call = new Call("server-info", "/api/3.0/mlflow/server-info", Optional.empty(), "");
        try (InputStream body = tracking.send(call)) {
            JsonNode answer = JSON.readTree(body.readNBytes(LONGEST_INFO));
            if (!answer.isObject()) {
                throw new IOException("no JSON object");
            }
            boolean on = answer.path("workspaces_enabled").asBoolean(false);
            seenOn |= on;
            return on;
        } catch (IOException e) {
            return withoutWorkspaces(tracking.problem(Kind.BAD_ANSWER, call, "the answer is not JSON", "", e));
        } catch (MlflowException e) {
            return withoutWorkspaces(e);
        }
    }

    /** Where they were on, an answer that does not say so is a fault: they would seem to be another server's. */
    private boolean withoutWorkspaces(MlflowException e) throws MlflowException {
        if (seenOn || !(notThere(e) || e.kind() == Kind.UNAUTHORIZED)) {
            throw e;
        }
        return false;
    }

    /** Whether the server does not have what was asked for, rather than fail to answer. */
    static boolean notThere(MlflowException e) {
        return e.kind() == Kind.NOT_FOUND || e.kind() == Kind.REJECTED || e.kind() == Kind.BAD_ANSWER;
    }

    /** As {@link io.mlflowexporter.mlflow.MlflowSource#workspaces} says. */
    List<String> selected() throws MlflowException {
        boolean on = justTold.isPresent() ? justTold.get() : on();
        justTold = Optional.empty();
        if (!on) {
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
        Set<String> there = new HashSet<>();
        Call call = new Call("workspaces", "/api/3.0/mlflow/workspaces", Optional.empty(), "");
        Pages.read(
                tracking,
                call,
                "workspaces",
                value -> Json.object(value, (key, field) -> {
                    if (key.equals("name")) {
                        there.add(Json.text(field));
                    }
                }));
        List<String> selected = new ArrayList<>();
        for (String name : wanted) {
            Glob glob = Glob.of(name);
            List<String> matches = there.stream().filter(glob::matches).sorted().toList();
            if (matches.isEmpty() && name.indexOf('*') < 0 && name.indexOf('?') < 0) {
                throw tracking.problem(
                        Kind.REJECTED,
                        call,
                        "there is no workspace " + OneLine.of(name) + "; check mlflow.workspaces",
                        "",
                        null);
            }
            matches.stream().filter(match -> !selected.contains(match)).forEach(selected::add);
        }
        if (selected.isEmpty()) {
            throw tracking.problem(
                    Kind.REJECTED, call, "no workspace matches mlflow.workspaces; check the patterns", "", null);
        }
        return selected;
    }
}

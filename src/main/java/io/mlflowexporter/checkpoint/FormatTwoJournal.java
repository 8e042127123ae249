package io.mlflowexporter.checkpoint;

import io.mlflowexporter.checkpoint.fields.FieldWriter;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The journal of alias moves, of a file of format 2; see {@link FormatTwo}. */
final class FormatTwoJournal {
    private FormatTwoJournal() {}

    static void convert(DataInputStream in, FieldWriter out) throws IOException {
        FormatTwo.version(in, 3);
        out.number("lookedMillis", in.readLong());
        out.list("models", FormatTwo.times(in), (model, i) -> {
            model.object("key", key -> key(in, key));
            model.object("watched", watched -> watched(in, watched));
        });
        out.list("created", FormatTwo.times(in), (created, i) -> {
            key(in, created);
            created.number("versions", in.readLong());
        });
        out.list("tallies", FormatTwo.times(in), (element, i) -> {
            element.object("key", key -> aliasKey(in, key));
            element.object("tally", tally -> tally(in, tally));
        });
        out.list("moves", FormatTwo.times(in), (move, i) -> {
            key(in, move);
            for (String name : List.of("alias", "kind", "from", "to")) {
                move.text(name, in.readUTF());
            }
            move.number("seenMillis", in.readLong());
        });
        out.list("inProduction", FormatTwo.times(in), (deployed, i) -> {
            key(in, deployed);
            deployed.number("modelMillis", in.readLong());
            deployed.text("version", in.readUTF());
            deployed.number("versionMillis", in.readLong());
            deployed.number("seenMillis", in.readLong());
        });
        out.list("leadTimesWaited", FormatTwo.times(in), (deployment, i) -> {
            aliasKey(in, deployment);
            deployment.text("runId", in.readUTF());
            deployment.number("millis", in.readLong());
        });
    }

    private static void key(DataInputStream in, FieldWriter out) throws IOException {
        out.text("workspace", in.readUTF());
        out.text("model", in.readUTF());
    }

    private static void aliasKey(DataInputStream in, FieldWriter out) throws IOException {
        key(in, out);
        out.text("alias", in.readUTF());
    }

    private static void watched(DataInputStream in, FieldWriter out) throws IOException {
        out.number("createdMillis", in.readLong());
        out.number("seenSinceMillis", in.readLong());
        out.number("seenUntilMillis", in.readLong());
        out.list("pointers", FormatTwo.times(in), (pointer, i) -> {
            pointer.text("alias", in.readUTF());
            pointer.text("version", in.readUTF());
            pointer.flag("set", in.readBoolean());
            pointer.number("deployedMillis", in.readLong());
        });
        versions(in, out);
        out.list("reached", FormatTwo.times(in), (alias, i) -> {
            alias.text("alias", in.readUTF());
            versions(in, alias);
        });
    }

    private static void versions(DataInputStream in, FieldWriter out) throws IOException {
        List<String> versions = new ArrayList<>();
        List<Long> created = new ArrayList<>();
        for (int left = FormatTwo.count(in); left > 0; left--) {
            versions.add(in.readUTF());
            created.add(in.readLong());
        }
        out.texts("versions", versions);
        out.longs("versionsCreatedMillis", created.stream().mapToLong(at -> at).toArray(), created.size());
    }

    private static void tally(DataInputStream in, FieldWriter out) throws IOException {
        for (String name : List.of("deployments", "rollbacks", "deletions", "failures", "lastDeploymentMillis")) {
            out.number(name, in.readLong());
        }
        out.object("leadTimes", histogram -> FormatTwo.histogram(in, histogram));
        out.object("restores", histogram -> FormatTwo.histogram(in, histogram));
        out.number("followedSinceMillis", in.readLong());
        FormatTwo.column(in, out, "newest", FieldWriter.LONGS, Long.BYTES, FormatTwo.count(in));
    }
}

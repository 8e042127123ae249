package io.mlflowexporter.web.pages;

import io.mlflowexporter.registry.AliasMove;
import java.time.Instant;
import java.util.List;

/** The part of the status page that tells which models were deployed. */
final class DeploymentTable {
    private final Html page;
    private final List<AliasMove> moves;
    private final Instant now;

    DeploymentTable(Html page, List<AliasMove> moves, Instant now) {
        this.page = page;
        this.moves = moves;
        this.now = now;
    }

    void write() {
        if (moves.isEmpty()) {
            return;
        }
        page.raw("<details><summary><h2>Newest moves of aliases</h2></summary>")
                .table("Model and alias", "What", "Seen");
        for (AliasMove move : moves) {
            page.raw("<tr><td>")
                    .name(move.workspace(), move.model())
                    .raw(" ")
                    .text(move.alias())
                    .raw("</td><td>");
            page.text(words(move)).raw("</td><td>");
            page.text(PageTimes.ago(Instant.ofEpochMilli(move.seenMillis()), now))
                    .raw("</td></tr>");
        }
        page.raw("</tbody></table></details>");
    }

    private static String words(AliasMove move) {
        String between = (move.from().isEmpty() ? "nothing" : move.from()) + " → " + move.to();
        return switch (move.kind()) {
            case DEPLOYMENT -> "deployed, " + between;
            case ROLLBACK -> "rolled back, " + between;
            case RENAMING -> "renamed, " + between;
            case DELETION -> "removed from " + move.from();
        };
    }
}

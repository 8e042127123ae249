package io.mlflowexporter.exposition;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.exposition.gzip.BodyPiece;
import io.mlflowexporter.exposition.gzip.Deflated;
import io.mlflowexporter.exposition.gzip.Segments;
import io.mlflowexporter.metric.Family;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One family's bytes. Each variant is made when first asked for, once, by the thread that asks; others that want the
 * same one wait for it.
 */
final class FamilyBlock {
    private static final Object MAKING = new Object();

    private final Family family;
    private final Map<Variant, BodyPiece> pieces = new ConcurrentHashMap<>();

    FamilyBlock(Family family) {
        this.family = family;
    }

    /** The family's name without {@code _total} or {@code _info}. */
    String baseName() {
        return FamilyNames.base(family.declaration().name());
    }

    void write(FieldWriter out) throws IOException {
        KeptFamilies.write(out, family);
    }

    static FamilyBlock read(FieldReader in) throws IOException {
        return new FamilyBlock(KeptFamilies.read(in));
    }

    MetricSnapshot snapshot() {
        return Snapshots.of(family);
    }

    BodyPiece piece(Variant variant) {
        BodyPiece made = pieces.get(variant);
        return made != null ? made : pieces.computeIfAbsent(variant, this::make);
    }

    private BodyPiece make(Variant variant) {
        // One at a time: what is written plain before it is deflated is the largest thing there is of a scrape.
        synchronized (MAKING) {
            return Deflated.of(render(variant));
        }
    }

    private BodyPiece render(Variant variant) {
        boolean openMetrics = variant.format() == Format.OPENMETRICS;
        Segments segments = new Segments();
        try {
            variant.format().writer().write(segments, MetricSnapshots.of(snapshot()), variant.escaping());
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return BodyPiece.plain(segments.without(openMetrics ? Format.OPENMETRICS_END.length() : 0));
    }
}

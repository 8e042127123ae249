package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.checkpoint.CheckpointFile;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.Section;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.exposition.ExpositionRenderer;
import io.mlflowexporter.pipeline.Engines;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When the checkpoint is written and what is in it. Belongs to the refresh thread. */
final class Checkpointing {
    private static final String SERVED = "served";
    private static final String SNAPSHOT = "snapshot";
    private static final String CATALOG = "catalog";

    private final CheckpointFile file;
    private final Duration interval;
    private final InstantSource clock;
    private final CheckpointMetrics metrics;
    private Instant lastTried = Instant.MIN;
    private boolean changed;

    /** What a restart goes on from. */
    record Saved(Catalog catalog, Engines.Saved engines, SavedSnapshot kept) {}

    Checkpointing(CheckpointFile file, ExporterContext context) {
        this.file = file;
        this.interval = betweenWrites(context.config());
        this.clock = context.clock();
        this.metrics = new CheckpointMetrics(context.live());
    }

    /** Zero where every refresh is to be written, as from the end of one to the end of the next it may be less. */
    private static Duration betweenWrites(Config config) {
        Duration interval = config.checkpoint().interval();
        return interval.compareTo(config.refresh().interval()) <= 0 ? Duration.ZERO : interval;
    }

    /** What was served, alone; empty where that is not known. */
    Optional<ServedSnapshot> readServed(ExpositionRenderer renderer) {
        List<ServedSnapshot> found = new ArrayList<>();
        boolean right = file.readFirst((name, in) -> {
            if (name.equals(SERVED)) {
                found.add(ServedSnapshot.read(in, renderer::restore));
            }
        });
        metrics.tell(file.state());
        // Of a snapshot from the future nobody knows how old it is.
        boolean past = file.state()
                .writtenAt()
                .filter(at -> !at.isAfter(clock.instant()))
                .isPresent();
        return right && past ? found.stream().findFirst() : Optional.empty();
    }

    /** Empty where there is none, or none that can be gone on from. */
    Optional<Saved> read() {
        Sections sections = new Sections();
        boolean whole = file.read(sections::read);
        Optional<Saved> saved = whole ? sections.saved() : Optional.empty();
        if (whole && saved.isEmpty()) {
            file.unusable("a part is missing");
        }
        metrics.tell(file.state());
        return saved;
    }

    private static final class Sections {
        private final Engines.Saved engines = new Engines.Saved();
        private @Nullable Catalog catalog;
        private @Nullable SavedSnapshot kept;

        void read(String name, FieldReader in) throws IOException {
            switch (name) {
                case SNAPSHOT -> kept = SavedSnapshot.read(in);
                case CATALOG -> catalog = Catalog.read(in);
                default -> engines.read(name, in);
            }
        }

        /** Empty where a part is missing. */
        Optional<Saved> saved() {
            return catalog != null && kept != null && engines.complete()
                    ? Optional.of(new Saved(catalog, engines, kept))
                    : Optional.empty();
        }
    }

    /** Whatever was read is not gone on from; what is read instead is written as soon as it is there. */
    void foreign(String why) {
        file.foreign(why);
        lastTried = Instant.MIN;
        metrics.tell(file.state());
    }

    void unusable(String why) {
        file.unusable(why);
        metrics.tell(file.state());
    }

    /** Takes that there is something new, and writes it if the last time is long enough ago. */
    void changed(Catalog catalog, Engines engines, SavedSnapshot kept, Optional<Section> served) {
        changed = true;
        Instant now = clock.instant();
        // A clock set back must not stop it for as long as it was set back.
        if (now.isBefore(lastTried) || !now.isBefore(next())) {
            write(catalog, engines, kept, served);
        }
    }

    private Instant next() {
        return lastTried.equals(Instant.MIN) ? Instant.MIN : lastTried.plus(interval);
    }

    /** Writes what has not been written yet. */
    void stop(Catalog catalog, Engines engines, SavedSnapshot kept, Optional<Section> served) {
        if (changed) {
            write(catalog, engines, kept, served);
        }
    }

    private void write(Catalog catalog, Engines engines, SavedSnapshot kept, Optional<Section> served) {
        lastTried = clock.instant();
        Map<String, Section> sections = new LinkedHashMap<>();
        // The first, so that a restart finds it first.
        served.ifPresent(section -> sections.put(SERVED, section));
        sections.put(SNAPSHOT, kept::write);
        sections.put(CATALOG, catalog::write);
        sections.putAll(engines.sections());
        if (file.write(sections)) {
            changed = false;
        }
        metrics.tell(file.state());
    }

    ExporterStatus.Checkpoint status() {
        CheckpointFile.State state = file.state();
        return new ExporterStatus.Checkpoint(
                file.path().toString(), state.writtenAt(), state.bytes(), state.failures(), state.problem());
    }
}

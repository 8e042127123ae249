package io.mlflowexporter.exposition;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.exposition.gzip.BodyPiece;
import io.mlflowexporter.exposition.gzip.Deflated;
import io.mlflowexporter.exposition.gzip.Inflated;
import io.mlflowexporter.exposition.gzip.Segments;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What scrapes read: one refresh's families as bytes, in sections that are withdrawn when their time is over. Safe for
 * use by any number of threads. Which bytes are kept follows from which are asked for; what they say never changes.
 */
public final class Exposition {
    /** Before the first refresh: only live metrics. */
    public static final Exposition EMPTY = new Exposition(List.of(), new Demand());

    /** Families that come and go together, those without a sample left out of the blocks but not of the counts. */
    record Section(List<FamilyBlock> blocks, List<FamilySeries> series, Instant expiresAt) {}

    private final List<Section> sections;
    private final Demand demand;
    private final Set<String> baseNames;

    /** The families about series, by the sections that are not withdrawn: they count what the scrape shows. */
    private final Map<BitSet, List<FamilyBlock>> seriesBlocks = new ConcurrentHashMap<>();

    Exposition(List<Section> sections, Demand demand) {
        this.sections = List.copyOf(sections);
        this.demand = demand;
        this.baseNames = baseNames(sections);
    }

    private static Set<String> baseNames(List<Section> sections) {
        Set<String> names = new HashSet<>();
        for (Section section : sections) {
            section.series().forEach(s -> names.add(FamilyNames.base(s.family())));
        }
        if (!sections.isEmpty()) {
            ExpositionFamilies.declarations().forEach(d -> names.add(FamilyNames.base(d.name())));
        }
        return Set.copyOf(names);
    }

    /** Writes all it says. */
    public void write(FieldWriter out) throws IOException {
        out.list("sections", sections, (element, section) -> {
            Instant expiresAt = section.expiresAt();
            element.number("expiresAtSeconds", expiresAt.getEpochSecond());
            element.number("expiresAtNanos", expiresAt.getNano());
            element.list("families", section.blocks(), (family, block) -> block.write(family));
            element.list("series", section.series(), (counted, series) -> {
                counted.text("family", series.family());
                counted.number("series", series.series());
                counted.number("dropped", series.dropped());
            });
        });
    }

    /** Reads what {@link #write} wrote. */
    public static Exposition read(FieldReader in) throws IOException {
        List<Section> sections = new ArrayList<>();
        while (in.next()) {
            if (in.name().equals("sections")) {
                sections.addAll(in.list(Exposition::readSection));
            }
        }
        return new Exposition(sections, new Demand());
    }

    private static Section readSection(FieldReader in) throws IOException {
        List<FamilyBlock> blocks = List.of();
        List<FamilySeries> series = new ArrayList<>();
        long seconds = 0;
        int nanos = 0;
        while (in.next()) {
            switch (in.name()) {
                case "expiresAtSeconds" -> seconds = in.number();
                case "expiresAtNanos" -> nanos = in.count();
                case "families" -> blocks = in.list(FamilyBlock::read);
                case "series" -> {
                    for (Fields it : in.list(FieldReader::fields)) {
                        series.add(new FamilySeries(it.text("family"), it.count("series"), it.count("dropped")));
                    }
                }
                default -> {
                    // Of another version.
                }
            }
        }
        return new Section(blocks, series, Instant.ofEpochSecond(seconds, nanos));
    }

    /** How many series each family has, withdrawn or not. */
    public List<FamilySeries> series() {
        return sections.stream().flatMap(s -> s.series().stream()).toList();
    }

    /**
     * Answers a scrape.
     *
     * @param live metrics of this moment, which are joined; a family that the exposition has too is left out of them,
     *     so that none is ever there twice
     * @param now sections whose time is over are left out
     */
    public ScrapeBody scrape(ScrapeRequest request, PrometheusRegistry live, Instant now) {
        Format format = Format.negotiate(request.accept());
        EscapingScheme escaping = EscapingScheme.fromAcceptHeader(request.accept());
        Variant variant = new Variant(format, escaping);
        demand.ask(variant);
        Predicate<String> selected = FamilyNames.selection(request.names());
        List<BodyPiece> pieces = new ArrayList<>();
        for (FamilyBlock block : blocks(now)) {
            if (selected.test(block.baseName())) {
                pieces.add(block.piece(variant));
            }
        }
        BodyPiece livePiece = render(live.scrape(selected.and(name -> !baseNames.contains(name))), format, escaping);
        pieces.add(Deflated.once(livePiece));
        String contentType = format.writer().getContentType();
        if (!request.gzip()) {
            Inflated plain = new Inflated(pieces);
            return new ScrapeBody(contentType, false, plain, plain.length());
        }
        List<byte[]> segments = Deflated.member(pieces);
        long length = segments.stream().mapToLong(s -> s.length).sum();
        return new ScrapeBody(contentType, true, segments, length);
    }

    /**
     * As {@link #scrape}, everything and not as bytes.
     *
     * @return families whose names may differ by a suffix alone, which one registry would not hold
     */
    public List<MetricSnapshot> snapshots(PrometheusRegistry live, Instant now) {
        List<MetricSnapshot> snapshots = new ArrayList<>();
        blocks(now).forEach(block -> snapshots.add(block.snapshot()));
        live.scrape(name -> !baseNames.contains(name)).forEach(snapshots::add);
        return snapshots;
    }

    /** Makes the bytes of these variants now. */
    void prepare(List<Variant> variants) {
        for (Variant variant : variants) {
            blocks(Instant.MIN).forEach(block -> block.piece(variant));
        }
    }

    private List<FamilyBlock> blocks(Instant now) {
        BitSet alive = new BitSet();
        List<FamilyBlock> blocks = new ArrayList<>();
        for (int i = 0; i < sections.size(); i++) {
            if (!now.isAfter(sections.get(i).expiresAt())) {
                alive.set(i);
                blocks.addAll(sections.get(i).blocks());
            }
        }
        if (!sections.isEmpty()) {
            blocks.addAll(seriesBlocks.computeIfAbsent(alive, this::countSeries));
        }
        return blocks;
    }

    private List<FamilyBlock> countSeries(BitSet alive) {
        List<FamilySeries> counts = alive.stream()
                .boxed()
                .flatMap(i -> sections.get(i).series().stream())
                .toList();
        return ExpositionFamilies.of(counts).stream().map(FamilyBlock::new).toList();
    }

    private static BodyPiece render(MetricSnapshots snapshots, Format format, EscapingScheme escaping) {
        Segments segments = new Segments();
        try {
            format.writer().write(segments, snapshots, escaping);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return BodyPiece.plain(segments.toList());
    }
}

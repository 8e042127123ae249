package io.mlflowexporter.delivery;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.config.DeliveryConfig;
import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.FamilyDeclaration;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Keeps what was delivered: versions made, and aliases moved to them. Belongs to the refresh thread. */
public final class Deliveries {
    private final DeliveryConfig config;
    private final int versionsPerModel;
    private final Journal journal;

    /**
     * What a look found.
     *
     * @param moves the newest, the newest first
     */
    public record Report(List<Family> families, List<Move> moves) {}

    /**
     * Begins with nothing seen.
     *
     * @param versionsPerModel the newest so many are told the cost of
     */
    public Deliveries(DeliveryConfig config, int versionsPerModel) {
        this.config = config;
        this.versionsPerModel = versionsPerModel;
        this.journal = new Journal(config);
    }

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        List<FamilyDeclaration> all = new ArrayList<>(DeliveryFamilies.declarations());
        all.add(VersionCosts.FAMILY);
        return all;
    }

    /**
     * Looks at what the catalog holds after a whole reading of the registry.
     *
     * @param nowMillis stamps what is new
     * @param costOf run id to its cost by currency
     */
    public Report refresh(Catalog catalog, long nowMillis, Function<String, Map<String, Double>> costOf) {
        journal.look(catalog, nowMillis);
        List<Family> families = new ArrayList<>(DeliveryFamilies.of(journal, config));
        families.add(VersionCosts.family(catalog, versionsPerModel, costOf));
        return new Report(families, journal.moves());
    }

    /** Writes all that must outlive the process. */
    public void write(DataOutput out) throws IOException {
        journal.write(out);
    }

    /**
     * Goes on from what {@link #write} wrote.
     *
     * @throws IOException if it is not that; nothing has changed then
     */
    public void read(DataInput in) throws IOException {
        journal.read(in);
    }
}

package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.CheckedElement;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.DateOrTime;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Something a run can use, such as a type of machine; its prices either all in `rates` or none. */
public record Resource(
        @Setting("Its name; becomes a label value.") String name,

        @Setting("Its prices; their times must not overlap.")
        List<Price> prices,

        @Setting("Prices read from a file in the FinOps FOCUS format, besides `prices`.")
        Optional<Focus> focus,

        @Setting(value = "Watts one of it draws while used, without GPUs, for energy.", min = "0", max = "1000000")
        Optional<BigDecimal> watts,

        @Setting(
                value = "Watts its GPUs draw together while used, for energy where the run logged no GPU power.",
                min = "0",
                max = "1000000")
        Optional<BigDecimal> gpuWatts,

        Place place)
        implements CheckedElement {
    @Override
    public void check(Complaints complaints) {
        PricingElements.name(complaints, "name", name, "a resource's name");
        if (prices.isEmpty() && focus.isEmpty()) {
            complaints.error("prices", "are missing; give prices or focus (what costs nothing has the price 0)");
        }
    }

    /** Where a price comes from; the value of the {@code source} label. */
    public enum Provenance {
        /** A provider's public list. */
        LIST,
        /** A contract. */
        CONTRACT,
        /** One's own estimate. */
        ESTIMATE
    }

    /** What one costs per hour for some time; exactly one of per_hour, rates and owned. */
    public record Price(
            @Setting(value = "Price of one for an hour.", min = "0", max = "1000000")
            Optional<BigDecimal> perHour,

            @Setting("Prices of its parts for an hour.") Optional<Rates> rates,
            @Setting("What owned hardware costs.") Optional<Owned> owned,
            @Setting("Currency (ISO 4217).") Optional<Currency> currency,

            @Setting("First instant it holds. Unset: since ever.")
            Optional<DateOrTime> validFrom,

            @Setting("First instant it no longer holds. Unset: for ever.")
            Optional<DateOrTime> validUntil,

            @Setting(value = "Where it comes from.", byDefault = "estimate")
            Provenance source,

            @Setting("More of where it comes from, for people: an address, a contract's number, a date.")
            Optional<String> note,

            @Setting(value = "Names and factors the price is multiplied by, such as spot: 0.35.", min = "0", max = "10")
            Map<String, BigDecimal> factors,

            Place place)
            implements CheckedElement {
        @Override
        public void check(Complaints complaints) {
            PricingElements.exactlyOne(complaints, Map.of("per_hour", perHour, "rates", rates, "owned", owned));
        }
    }

    /** Prices per hour of what a machine is made of; at least one. */
    public record Rates(
            @Setting(value = "Of one virtual CPU.", min = "0", max = "1000000")
            Optional<BigDecimal> vcpu,

            @Setting(value = "Of one GiB of memory.", min = "0", max = "1000000")
            Optional<BigDecimal> gib,

            @Setting(value = "Of one GPU, by its model.", min = "0", max = "1000000")
            Map<String, BigDecimal> gpu)
            implements CheckedElement {
        @Override
        public void check(Complaints complaints) {
            if (parts().isEmpty()) {
                complaints.error("", "names no rate; give vcpu, gib or gpu");
            }
            gpu.keySet().forEach(model -> PricingElements.name(complaints, "gpu", model, "a GPU's model"));
        }

        /** Part, named {@code vcpu}, {@code gib} or {@code gpu:MODEL}, to its price per hour. */
        public Map<String, BigDecimal> parts() {
            Map<String, BigDecimal> parts = new LinkedHashMap<>();
            vcpu.ifPresent(price -> parts.put("vcpu", price));
            gib.ifPresent(price -> parts.put("gib", price));
            gpu.forEach((model, price) -> parts.put("gpu:" + model, price));
            return parts;
        }
    }

    /**
     * Owned hardware. Per hour it costs {@code purchase_price ÷ (lifetime × share_of_use) + watts ÷ 1000 × pue ×
     * price_per_kwh}.
     */
    public record Owned(
            @Setting(value = "What it cost to buy.", min = "0", max = "1000000000000")
            BigDecimal purchasePrice,

            @Setting(value = "How long it serves.", min = "1d", max = "18250d")
            Duration lifetime,

            @Setting(
                    value = "Share of its lifetime it is used: idle hours are paid by the used ones.",
                    min = "0.01",
                    max = "1")
            BigDecimal shareOfUse,

            @Setting(value = "Watts it draws while used.", byDefault = "0", min = "0", max = "1000000")
            BigDecimal watts,

            @Setting(value = "Power usage effectiveness of where it stands.", byDefault = "1", min = "1", max = "5")
            BigDecimal pue,

            @Setting(value = "Price of a kilowatt-hour.", byDefault = "0", min = "0", max = "1000")
            BigDecimal pricePerKwh) {}

    /** Prices from a CSV file with the columns of FOCUS. */
    public record Focus(
            @Setting("The CSV file, or a `.csv.gz`.") Path file,
            @Setting("The resource's SkuId in it.") String skuId,

            @Setting(value = "Column the price is read from.", byDefault = "list_unit_price")
            Column column,

            @Setting("SkuPriceId, where an SkuId has several prices.")
            Optional<String> skuPriceId,

            @Setting("RegionId, where an SkuId has several prices.")
            Optional<String> regionId) {
        /** FOCUS's price columns. */
        public enum Column {
            LIST_UNIT_PRICE,
            CONTRACTED_UNIT_PRICE
        }
    }
}

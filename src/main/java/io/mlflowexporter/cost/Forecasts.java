package io.mlflowexporter.cost;

import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import io.mlflowexporter.indicators.Samples;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The expected spend of this calendar month, by experiment. */
final class Forecasts implements CostSink {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_cost_forecast",
            FamilyDeclaration.Type.GAUGE,
            "Expected cost of this whole calendar month by what was spent in it so far, what runs now and the last four"
                    + " weeks, as of the snapshot.",
            List.of("experiment", "currency"),
            Stability.STABLE,
            Fold.sum("experiment"));

    private record Key(String workspace, String experiment, String currency) {}

    private final long nowMillis;
    private final ZoneId zone;
    private final LocalDate first;
    private final Map<Key, Forecast> forecasts = new LinkedHashMap<>();

    Forecasts(long nowMillis, ZoneId zone) {
        this.nowMillis = nowMillis;
        this.zone = zone;
        this.first = Instant.ofEpochMilli(nowMillis).atZone(zone).toLocalDate().withDayOfMonth(1);
    }

    @Override
    public void priced(CostRun run, Part part, Tariff.Piece piece, long fromMillis, long untilMillis) {
        Key key = new Key(run.experiment().workspace(), run.experiment().name(), piece.currency());
        Forecast forecast =
                forecasts.computeIfAbsent(key, k -> new Forecast(nowMillis, zone, first, first.plusMonths(1)));
        double perHour = piece.perHour() * part.quantity();
        forecast.spent(fromMillis, untilMillis, perHour);
        if (BurnRate.burning(run, piece, nowMillis)) {
            forecast.running(run.span().fromMillis(), perHour);
        }
    }

    Family family() {
        Samples samples = new Samples();
        forecasts.forEach(
                (key, forecast) -> samples.add(key.workspace(), forecast.expected(), key.experiment(), key.currency()));
        return samples.family(FAMILY);
    }
}

package io.mlflowexporter.cost.budget;

import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.usage.BurnRate;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.CostRun;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.ExperimentCurrency;
import io.mlflowexporter.cost.usage.UsagePart;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The expected spend of this calendar month, by experiment. */
public final class Forecasts implements CostSink {
    public static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_cost_forecast",
            FamilyDeclaration.Type.GAUGE,
            "Expected cost of this whole calendar month by what was spent in it so far, what runs now and the last four"
                    + " weeks, as of the snapshot.",
            List.of("experiment", "currency"),
            Stability.STABLE,
            Fold.sum("experiment"));

    private final ZoneId zone;
    private final Map<ExperimentCurrency, Forecast> forecasts = new LinkedHashMap<>();
    private CostClock now;

    public Forecasts(CostClock now, ZoneId zone) {
        this.now = now;
        this.zone = zone;
    }

    @Override
    public void at(CostClock later) {
        now = later;
        forecasts.values().forEach(forecast -> forecast.at(later));
    }

    @Override
    public void priced(CostRun run, UsagePart part, Tariff.Piece piece, long fromMillis, long untilMillis) {
        ExperimentCurrency key = new ExperimentCurrency(
                run.experiment().workspace(), run.experiment().name(), piece.currency());
        LocalDate first = now.today.withDayOfMonth(1);
        Forecast forecast = forecasts.computeIfAbsent(key, k -> new Forecast(now, zone, first, first.plusMonths(1)));
        double perHour = piece.perHour() * part.quantity();
        forecast.spent(run.machine(), fromMillis, untilMillis, perHour, run.times());
        if (run.times() > 0 && BurnRate.burning(run, piece, untilMillis, now.nowMillis)) {
            forecast.running(run.time().millis(), perHour * run.machine().before(now.nowMillis));
        }
    }

    /** See {@link Forecast#whole}. */
    public boolean whole() {
        return forecasts.values().stream().allMatch(Forecast::whole);
    }

    public Family family() {
        Samples samples = new Samples();
        forecasts.forEach((key, forecast) -> {
            if (!forecast.isEmpty()) {
                samples.add(key.workspace(), forecast.expected(), key.experiment(), key.currency());
            }
        });
        return samples.family(FAMILY);
    }
}

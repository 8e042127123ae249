package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.Run;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a run's system metrics say of the machine it ran on; NaN where it logged none. The names are those MLflow logs
 * (mlflow.system_metrics): {@code system/cpu_utilization_percentage}, {@code system/system_memory_usage_percentage},
 * {@code system/gpu_N_utilization_percentage} and {@code system/gpu_N_power_usage_watts}.
 *
 * @param cpuRatio 0 to 1
 * @param memoryRatio 0 to 1
 * @param gpuRatio 0 to 1, mean over its GPUs
 * @param gpuWatts all its GPUs together, not negative
 */
public record SystemUse(double cpuRatio, double memoryRatio, double gpuRatio, double gpuWatts) {
    /** Nothing logged. */
    public static final SystemUse NONE = new SystemUse(Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    /** Past this nothing is a percentage or the power of a machine. MLflow stores infinity as the largest double. */
    private static final double MOST = 1_000_000;

    private static final String PREFIX = "system/";
    private static final String CPU = "system/cpu_utilization_percentage";
    private static final String MEMORY = "system/system_memory_usage_percentage";
    private static final Pattern GPU =
            Pattern.compile("system/gpu_[0-9]{1,4}_(utilization_percentage|power_usage_watts)");

    /** Whether a metric of this name is one this record is made of. */
    public static boolean isSystemMetric(String name) {
        return name.startsWith(PREFIX)
                && (name.equals(CPU) || name.equals(MEMORY) || GPU.matcher(name).matches());
    }

    /** Whether a value can be meant. */
    public static boolean isReadable(double value) {
        return Double.isFinite(value) && value <= MOST;
    }

    /** Of these metrics the names of those this record is made of. */
    static Set<String> names(Map<String, Run.Metric> metrics) {
        return metrics.keySet().stream().filter(SystemUse::isSystemMetric).collect(Collectors.toUnmodifiableSet());
    }

    public static SystemUse of(Map<String, Run.Metric> metrics) {
        double cpu = Double.NaN;
        double memory = Double.NaN;
        double gpuSum = 0;
        int gpus = 0;
        double watts = Double.NaN;
        for (Map.Entry<String, Run.Metric> metric : metrics.entrySet()) {
            String name = metric.getKey();
            double value = metric.getValue().value();
            if (!name.startsWith(PREFIX) || !isReadable(value) || value < 0) {
                continue;
            }
            Matcher gpu = GPU.matcher(name);
            if (name.equals(CPU)) {
                cpu = ratio(value);
            } else if (name.equals(MEMORY)) {
                memory = ratio(value);
            } else if (gpu.matches() && gpu.group(1).startsWith("utilization")) {
                gpuSum += ratio(value);
                gpus++;
            } else if (gpu.matches()) {
                watts = Double.isNaN(watts) ? value : watts + value;
            }
        }
        boolean nothing = Double.isNaN(cpu) && Double.isNaN(memory) && gpus == 0 && Double.isNaN(watts);
        return nothing ? NONE : new SystemUse(cpu, memory, gpus == 0 ? Double.NaN : gpuSum / gpus, watts);
    }

    private static double ratio(double percent) {
        return Math.min(1, percent / 100);
    }
}

package io.mlflowexporter.audit;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A run's part of a machine: at each moment an equal one with the other runs that use it then; added up plainly in decimals. */
final class MachineTime {
    /** One that no other run uses. */
    static final MachineTime OWN = new MachineTime(new TreeMap<>());

    /** From a moment on: so many runs, and what a run that used the machine all the time had of it until then. */
    private record Since(long moment, int runs, BigDecimal before) {
        BigDecimal until(long millis) {
            return runs == 0
                    ? before
                    : before.add(new BigDecimal(millis - moment).divide(new BigDecimal(runs), AuditPricing.EXACT));
        }
    }

    private final NavigableMap<Long, Since> since;

    private MachineTime(NavigableMap<Long, Since> since) {
        this.since = since;
    }

    /** One that runs use at these times. */
    static MachineTime usedBy(Collection<RunTime> runs) {
        TreeMap<Long, Integer> changes = new TreeMap<>();
        for (RunTime run : runs) {
            for (long[] stretch : run.stretches()) {
                changes.merge(stretch[0], 1, Integer::sum);
                changes.merge(stretch[1], -1, Integer::sum);
            }
        }
        TreeMap<Long, Since> since = new TreeMap<>();
        Since last = new Since(Long.MIN_VALUE, 0, BigDecimal.ZERO);
        for (Map.Entry<Long, Integer> change : changes.entrySet()) {
            last = new Since(change.getKey(), last.runs() + change.getValue(), last.until(change.getKey()));
            since.put(change.getKey(), last);
        }
        return new MachineTime(since);
    }

    /** A run's own milliseconds of a time in which it uses the machine. */
    BigDecimal millis(long from, long until) {
        if (from >= until) {
            return BigDecimal.ZERO;
        }
        return since.isEmpty()
                ? new BigDecimal(until - from)
                : since.floorEntry(until)
                        .getValue()
                        .until(until)
                        .subtract(since.floorEntry(from).getValue().until(from));
    }

    /** A run's part just before a moment. */
    BigDecimal partBefore(long millis) {
        return since.isEmpty()
                ? BigDecimal.ONE
                : BigDecimal.ONE.divide(
                        new BigDecimal(since.lowerEntry(millis).getValue().runs()), AuditPricing.EXACT);
    }
}

package io.mlflowexporter.cost;

import io.mlflowexporter.cost.PlainLedger.Look;
import io.mlflowexporter.cost.PlainLedger.Stretch;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.RunStatus;
import java.util.ArrayList;
import java.util.List;

/** When a run was seen not to run though its clock went on: by docs/cost-model.md, from all looks at it. */
final class SeenToWait {
    private final List<Stretch> gaps = new ArrayList<>();
    private final List<Look> looks;
    private long waitsSince = Times.ABSENT;
    /** When the last gap ended by the clock of who looks, which the run's end may prove wrong; absent once it was told. */
    private long byOwnClock = Times.ABSENT;

    SeenToWait(List<Look> looks) {
        this.looks = looks;
        for (int i = 0; i < looks.size(); i++) {
            look(i);
        }
    }

    List<Stretch> gaps() {
        return gaps;
    }

    /** Since when it waits although it ran before; absent if it does not. */
    long waitsSince() {
        return waitsSince;
    }

    private void look(int i) {
        Look now = looks.get(i);
        RunStatus is = now.run().status();
        if (i == 0) {
            if (is == RunStatus.RUNNING && now.run().endMillis() != Times.ABSENT) {
                gap(now.run().endMillis(), now.millis());
            }
            return;
        }
        Look before = looks.get(i - 1);
        RunStatus was = before.run().status();
        if (was == RunStatus.RUNNING && is == RunStatus.SCHEDULED) {
            waitsSince = now.millis();
        } else if (was == RunStatus.SCHEDULED && is != RunStatus.SCHEDULED) {
            gap(waitsSince, is == RunStatus.RUNNING ? now.millis() : before.millis());
        } else if (was.ended() && is == RunStatus.RUNNING) {
            gap(billedUntil(before), now.millis());
        } else if (was.ended() && is == RunStatus.SCHEDULED) {
            waitsSince = billedUntil(before);
        } else if (was.ended()
                && is.ended()
                && before.run().endMillis() != Times.ABSENT
                && now.run().endMillis() > before.run().endMillis()
                && now.run().endMillis() >= before.millis() - Times.GREATEST_SKEW_MILLIS) {
            gap(billedUntil(before), before.millis());
            settle(now.run(), before.millis(), now.millis());
        } else if (was == RunStatus.RUNNING
                && is == RunStatus.RUNNING
                && now.run().endMillis() != Times.ABSENT
                && now.run().endMillis() != before.run().endMillis()) {
            gap(now.run().endMillis(), now.millis());
        }
        if (is.ended() && now.run().endMillis() != Times.ABSENT) {
            settle(now.run(), lastActive(i), now.millis());
        }
    }

    private long lastActive(int i) {
        for (int at = i - 1; at >= 0; at--) {
            if (looks.get(at).run().status().active()) {
                return looks.get(at).millis();
            }
        }
        return Times.ABSENT;
    }

    private long billedUntil(Look look) {
        FakeRun run = look.run();
        long activity = run.startMillis();
        if (run.heartbeatMillis() != Times.ABSENT
                && (run.endMillis() == Times.ABSENT
                        || run.heartbeatMillis()
                                <= Math.min(run.endMillis(), look.millis()) + Times.GREATEST_SKEW_MILLIS)) {
            activity = Math.max(activity, run.heartbeatMillis());
        }
        if (!gaps.isEmpty()) {
            activity = Math.max(activity, gaps.get(gaps.size() - 1).until());
        }
        boolean cleanedUp = run.status() != RunStatus.FINISHED
                && run.endMillis() != Times.ABSENT
                && run.endMillis() - activity > Costs.STALE_AFTER.toMillis();
        long until = run.endMillis() == Times.ABSENT || cleanedUp ? activity : run.endMillis();
        return run.startMillis() == Times.ABSENT ? Times.ABSENT : Math.max(run.startMillis(), until);
    }

    private void gap(long from, long until) {
        gaps.add(new Stretch(from, Math.max(from, until)));
        byOwnClock = until;
        waitsSince = Times.ABSENT;
    }

    /** The clocks differ by as much as the end contradicts the looks, unless the run was ended with its last activity. */
    private void settle(FakeRun run, long notYet, long already) {
        if (byOwnClock == Times.ABSENT) {
            return;
        }
        long end = run.endMillis();
        long differ = 0;
        if (end > already) {
            differ = end - already;
        } else if (end < notYet && !(end >= run.startMillis() && end == run.heartbeatMillis())) {
            differ = end - notYet;
        }
        if (Math.abs(differ) > Times.GREATEST_SKEW_MILLIS) {
            differ = 0;
        }
        Stretch last = gaps.remove(gaps.size() - 1);
        gaps.add(new Stretch(last.from(), Math.max(last.from(), byOwnClock + differ)));
        byOwnClock = Times.ABSENT;
    }
}

package io.mlflowexporter.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever happens to a model between looks. */
final class DeploymentPropertyTest {
    private static final String[] COUNTERS = {
        "mlflow_deployments_total",
        "mlflow_rollbacks_total",
        "mlflow_alias_deletions_total",
        "mlflow_deployment_failures_total"
    };

    /** One a look: 0 removes the alias, n sets it to version n. A restart after any look changes nothing. */
    @Property(tries = 50)
    void countersNeverFallAndRestartsDoNotShow(
            @ForAll @Size(max = 15) List<@IntRange(min = 0, max = 5) Integer> steps,
            @ForAll @IntRange(min = 0, max = 15) int restartAfter) {
        DeploymentStory steady = begun();
        DeploymentStory restarted = begun();
        long[] before = new long[COUNTERS.length];
        int version = 1;
        int moves = 0;
        int back = 0;
        for (int i = 0; i < steps.size(); i++) {
            step(steady, steps.get(i));
            step(restarted, steps.get(i));
            if (i == restartAfter) {
                restarted.restart();
            }
            if (steps.get(i) > 0 && steps.get(i) != version) {
                moves++;
                back += steps.get(i) < version ? 1 : 0;
                version = steps.get(i);
            }
            for (int c = 0; c < COUNTERS.length; c++) {
                long now = Long.parseLong(steady.says(COUNTERS[c], "m", "champion"));
                assertThat(now).isGreaterThanOrEqualTo(before[c]);
                before[c] = now;
            }
            assertThat(steady.everything()).isEqualTo(restarted.everything());
        }
        assertThat(before[3]).isLessThanOrEqualTo(before[1]);
        assertThat(List.of(before[0], before[1])).isEqualTo(List.of((long) moves, (long) back));
    }

    private static DeploymentStory begun() {
        DeploymentStory story = new DeploymentStory().model("m");
        for (int version = 1; version <= 5; version++) {
            story.version("m", Integer.toString(version));
        }
        return story.alias("m", "champion", "1").look();
    }

    private static void step(DeploymentStory story, int to) {
        story.later("10H");
        if (to == 0) {
            story.removeAlias("m", "champion");
        } else {
            story.alias("m", "champion", Integer.toString(to));
        }
        story.look();
    }
}

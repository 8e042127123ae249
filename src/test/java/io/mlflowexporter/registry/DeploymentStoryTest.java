package io.mlflowexporter.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.mlflowexporter.checkpoint.fields.SectionBytes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a scrape tells after these things happened to these models. */
final class DeploymentStoryTest {
    private static final String DEPLOYMENTS = "mlflow_deployments_total";
    private static final String ROLLBACKS = "mlflow_rollbacks_total";
    private static final String FAILURES = "mlflow_deployment_failures_total";
    private static final String RESTORE = "mlflow_deployment_restore_time_seconds";
    private static final String LEAD_TIME = "mlflow_deployment_lead_time_seconds";

    private static final String PER_VERSION = "mlflow_cost_per_deployed_version";

    private DeploymentStory story = new DeploymentStory();

    /** A model with two versions, the first of them champion, that the exporter has looked at once. */
    private DeploymentStory begun() {
        return story.model("m")
                .version("m", "1")
                .alias("m", "champion", "1")
                .later("1H")
                .version("m", "2")
                .look();
    }

    @Test
    void whatIsThereAtTheFirstLookWasNotDeployedNow() {
        begun();

        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("0");
        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("0");
        assertThat(story.says(LEAD_TIME, "m", "champion")).isEqualTo("0 of 0 s");
        assertThat(story.says("mlflow_last_deployment_timestamp_seconds", "m", "champion"))
                .isEqualTo("absent");
        assertThat(story.says("mlflow_model_versions_created_total", "m")).isEqualTo("2");
        assertThat(story.says("mlflow_model_version_cost", "m", "2", "EUR")).isEqualTo("1");
        assertThat(story.moves()).isEmpty();
    }

    @Test
    void whatAnAliasPointsToThatIsNewlyFollowedWasNotDeployedNow() {
        story = new DeploymentStory(Map.of("delivery.aliases", "champion"));
        begun().alias("m", "blue", "1").look().later("24H");

        story.restart(Map.of("delivery.aliases", "champion,blue")).look();
        assertThat(story.says(DEPLOYMENTS, "m", "blue")).isEqualTo("0");
        assertThat(story.moves()).isEmpty();
        story.later("1H").alias("m", "blue", "2").look();
        assertThat(story.says(DEPLOYMENTS, "m", "blue")).isEqualTo("1");

        story.restart(Map.of("delivery.aliases", "champion")).later("1H").look();
        assertThat(story.says("mlflow_alias_deletions_total", "m", "blue")).isIn("0", "absent");
        assertThat(story.moves()).hasSize(1);
    }

    @Test
    void ofModelsThatAreGoneTheLastAreRemembered() {
        begun();
        for (int turn = 0; turn < 13; turn++) {
            for (int i = 0; i < 100; i++) {
                story.model("t" + turn + "-" + i).alias("t" + turn + "-" + i, "blue", "1");
            }
            story.later("1H").look();
            for (int i = 0; i < 100; i++) {
                story.removeModel("t" + turn + "-" + i);
            }
        }
        story.later("1H").look();

        assertThat(story.says("mlflow_model_versions_created_total", "t0-0")).isEqualTo("absent");
        assertThat(story.says(DEPLOYMENTS, "t0-0", "blue")).isEqualTo("absent");
        assertThat(story.says("mlflow_model_versions_created_total", "t12-99")).isEqualTo("0");
        assertThat(story.says(DEPLOYMENTS, "t12-99", "blue")).isEqualTo("0");
        assertThat(story.says("mlflow_model_versions_created_total", "m")).isEqualTo("2");
    }

    @Test
    void ofAliasesThatAreGoneTheLastAreRemembered() {
        begun();
        for (int i = 0; i < 2_200; i++) {
            story.alias("m", "a" + i, "1");
            if (i % 100 == 99) {
                story.later("1H").look();
                for (int gone = i - 99; gone <= i; gone++) {
                    story.removeAlias("m", "a" + gone);
                }
            }
        }
        story.later("1H").look();

        assertThat(story.says(DEPLOYMENTS, "m", "a0")).isEqualTo("absent");
        assertThat(story.says(DEPLOYMENTS, "m", "a2199")).isEqualTo("1");
        assertThat(story.says("mlflow_alias_deletions_total", "m", "a2199")).isEqualTo("1");
        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("0");
    }

    @Test
    void aPromotionIsADeploymentWithItsLeadTime() {
        begun().later("2H").alias("m", "champion", "2").look();

        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("1");
        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("0");
        assertThat(story.says(LEAD_TIME, "m", "champion")).isEqualTo("1 of 7200 s");
        assertThat(story.says("mlflow_last_deployment_timestamp_seconds", "m", "champion"))
                .isEqualTo(Long.toString(
                        DeploymentStory.BEGIN.plus(Duration.ofHours(3)).getEpochSecond()));
    }

    @Test
    void whatAVersionInProductionCostsIsTheCostOfAllOverTheNumberOfVersions() {
        begun();
        assertThat(story.says(PER_VERSION, "30d", "EUR")).isEqualTo("absent");

        story.alias("m", "champion", "2").alias("m", "production", "2").look();
        assertThat(story.says(PER_VERSION, "1d", "EUR")).isEqualTo("12");
        assertThat(story.says(PER_VERSION, "month", "EUR")).isEqualTo("absent");

        story.later("48H").alias("m", "champion", "1").look().later("1H").version("m", "3");
        story.alias("m", "champion", "3")
                .alias("m", "challenger", "1")
                .look()
                .restart()
                .look();
        assertThat(story.says(PER_VERSION, "1d", "EUR")).isEqualTo("12");
        assertThat(story.says(PER_VERSION, "7d", "EUR")).isEqualTo("42");
        assertThat(story.says(PER_VERSION, "30d", "EUR")).isEqualTo("180");

        story.later("720H").look();
        assertThat(story.says(PER_VERSION, "30d", "EUR")).isEqualTo("absent");
    }

    @Test
    void aVersionMayCostWhatTheWholeSearchDid() {
        begun().search("m", "2", 4).look();
        assertThat(story.says("mlflow_model_version_cost", "m", "2", "EUR")).isEqualTo("1");

        DeploymentStory whole = new DeploymentStory(Map.of("delivery.whole_search", "true"));
        whole.model("m").version("m", "1").version("m", "2").search("m", "2", 4).look();
        assertThat(whole.says("mlflow_model_version_cost", "m", "1", "EUR")).isEqualTo("1");
        assertThat(whole.says("mlflow_model_version_cost", "m", "2", "EUR")).isEqualTo("5");
    }

    @Test
    void aRollbackSoonAfterIsAFailureRestored() {
        begun().alias("m", "champion", "2").look();
        story.later("6H").alias("m", "champion", "1").look();

        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("2");
        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("1");
        assertThat(story.says(FAILURES, "m", "champion")).isEqualTo("1");
        assertThat(story.says(RESTORE, "m", "champion")).isEqualTo("1 of 21600 s");
        assertThat(story.says(LEAD_TIME, "m", "champion")).isEqualTo("1 of 0 s");
        assertThat(story.moves())
                .extracting(AliasMove::kind, AliasMove::from, AliasMove::to)
                .containsExactly(tuple(AliasMove.Kind.ROLLBACK, "2", "1"), tuple(AliasMove.Kind.DEPLOYMENT, "1", "2"));
    }

    @Test
    void theTempoIsThatOfNewVersionsSinceTheFirstLook() {
        begun().alias("m", "staging", "2")
                .later("24H")
                .alias("m", "champion", "2")
                .look();
        story.later("24H").alias("m", "champion", "1").look();
        story.later("24H")
                .alias("m", "champion", "2")
                .look()
                .restart()
                .later("240H")
                .look();

        assertThat(story.paces(Duration.ofDays(90))).containsExactly("champion 2 in 13 d");
        assertThat(story.paces(Duration.ofDays(11))).containsExactly("champion 1 in 11 d");
        assertThat(story.paces(Duration.ofDays(5))).containsExactly("champion 0 in 5 d");
    }

    @Test
    void aRollbackLongAfterIsNoFailure() {
        begun().alias("m", "champion", "2").look();
        story.later("169H").alias("m", "champion", "1").look();

        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("1");
        assertThat(story.says(FAILURES, "m", "champion")).isEqualTo("0");
    }

    @Test
    void oneDeploymentFailsOnce() {
        begun().version("m", "3").alias("m", "champion", "3").look();
        story.later("1H").alias("m", "champion", "2").look();
        story.later("1H").alias("m", "champion", "1").look();

        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("2");
        assertThat(story.says(FAILURES, "m", "champion")).isEqualTo("1");
    }

    @Test
    void onlyProductionFails() {
        begun().alias("m", "challenger", "2").look();
        story.alias("m", "challenger", "1").look();

        assertThat(story.says(ROLLBACKS, "m", "challenger")).isEqualTo("1");
        assertThat(story.says(FAILURES, "m", "challenger")).isEqualTo("absent");
    }

    @Test
    void anAliasThatAWatchedModelDidNotHaveIsADeployment() {
        begun().later("1H").alias("m", "challenger", "2").look();

        assertThat(story.says(DEPLOYMENTS, "m", "challenger")).isEqualTo("1");
        assertThat(story.says(LEAD_TIME, "m", "challenger")).isEqualTo("1 of 3600 s");
    }

    @Test
    void theFirstDeploymentToProductionIsAnIncrease() {
        story.model("n").version("n", "1").look();
        assertThat(story.says(DEPLOYMENTS, "n", "champion")).isEqualTo("0");
        assertThat(story.says(DEPLOYMENTS, "n", "stage:Production")).isEqualTo("0");
        assertThat(story.says(DEPLOYMENTS, "n", "challenger")).isEqualTo("absent");
        assertThat(story.says(ROLLBACKS, "n", "champion")).isEqualTo("absent");
        assertThat(story.paces(Duration.ofDays(90))).isEmpty();

        story.alias("n", "champion", "1").look();
        assertThat(story.says(DEPLOYMENTS, "n", "champion")).isEqualTo("1");
        assertThat(story.says(DEPLOYMENTS, "n", "production")).isEqualTo("0");
    }

    @Test
    void onlyNamesThatAreFollowedAreExpected() {
        DeploymentStory narrow = new DeploymentStory(Map.of(
                "delivery.aliases", "live*, champion",
                "delivery.stages", "Staging",
                "delivery.production", "live, live-*, prod, stage:Production, stage:Staging"));
        narrow.model("m").look();

        assertThat(narrow.everything())
                .filteredOn(line -> line.startsWith(DEPLOYMENTS))
                .containsExactlyInAnyOrder(DEPLOYMENTS + "[m, live] 0", DEPLOYMENTS + "[m, stage:Staging] 0");
    }

    @Test
    void aModelMadeBetweenTwoLooksWasDeployedInBetween() {
        begun().later("1M")
                .model("n")
                .version("n", "1")
                .alias("n", "champion", "1")
                .later("1M")
                .look();

        assertThat(story.says(DEPLOYMENTS, "n", "champion")).isEqualTo("1");
    }

    @Test
    void aRemovedAliasIsCountedAndSettingItBackIsNoDeployment() {
        begun().removeAlias("m", "champion").look();

        assertThat(story.says("mlflow_alias_deletions_total", "m", "champion")).isEqualTo("1");
        story.look();
        assertThat(story.says("mlflow_alias_deletions_total", "m", "champion")).isEqualTo("1");
        story.alias("m", "champion", "1").look();
        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("0");
        story.removeAlias("m", "champion").look();
        story.alias("m", "champion", "2").look();
        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("1");
        assertThat(story.says("mlflow_alias_deletions_total", "m", "champion")).isEqualTo("2");
    }

    @Test
    void movesWhileTheExporterWasDownAreOneMoveSeenAtTheNextLook() {
        begun().restart();
        story.later("5H").alias("m", "champion", "2").later("5H").look();

        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("1");
        assertThat(story.moves())
                .extracting(AliasMove::seenMillis)
                .containsExactly(
                        DeploymentStory.BEGIN.plus(Duration.ofHours(11)).toEpochMilli());
    }

    @Test
    void countsOutliveARestart() {
        begun().alias("m", "champion", "2").look();
        story.later("6H").alias("m", "champion", "1").look();
        List<String> before = story.everything();

        story.restart().look();

        assertThat(story.everything()).isEqualTo(before);
        assertThat(story.moves()).hasSize(2);
    }

    @Test
    void aRenamedModelDeploysNothing() {
        begun().later("1H").rename("m", "n").look();

        assertThat(story.says(DEPLOYMENTS, "n", "champion")).isEqualTo("0");
        assertThat(story.says("mlflow_alias_deletions_total", "m", "champion")).isEqualTo("0");
    }

    @Test
    void aRenamedModelGoesOnUnderItsNewName() {
        begun().later("24H").alias("m", "champion", "2").look();
        story.later("24H").rename("m", "n").alias("n", "champion", "1").look();

        assertThat(story.says(ROLLBACKS, "n", "champion")).isEqualTo("1");
        assertThat(story.says("mlflow_deployment_failures_total", "n", "champion"))
                .isEqualTo("1");
        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("1");
        assertThat(story.says("mlflow_model_versions_created_total", "n")).isEqualTo("2");
        assertThat(story.paces(Duration.ofDays(90))).containsExactly("champion 1 in 2 d");
        assertThat(story.moves())
                .extracting(AliasMove::kind, AliasMove::model, AliasMove::from, AliasMove::to)
                .contains(tuple(AliasMove.Kind.RENAMING, "n", "m", "n"));

        story.restart().later("24H").alias("n", "champion", "2").look();
        assertThat(story.says(LEAD_TIME, "n", "champion")).isEqualTo("0 of 0 s");
        story.later("24H").rename("n", "m").look();
        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("1");
        assertThat(story.says("mlflow_model_versions_created_total", "m")).isEqualTo("2");
        assertThat(story.paces(Duration.ofDays(90))).containsExactly("champion 2 in 4 d");
    }

    @Test
    void aRenamedModelGoesOnThoughItsNameIsTakenAgainBeforeTheNextLook() {
        begun().later("24H").model("next").version("next", "1").alias("next", "champion", "1");
        story.alias("m", "champion", "2").look();
        story.later("24H").rename("m", "old").rename("next", "m").alias("old", "champion", "1");
        story.look();

        assertThat(story.says(ROLLBACKS, "old", "champion")).isEqualTo("1");
        assertThat(story.says(FAILURES, "old", "champion")).isEqualTo("1");
        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("1");
        assertThat(story.paces(Duration.ofDays(90)))
                .containsExactlyInAnyOrder("champion 1 in 2 d", "champion 1 in 1 d");
        // From now on both have been in production, and no version of one is one of the other.
        assertThat(story.says(PER_VERSION, "7d", "EUR")).isEqualTo("42");
    }

    @Test
    void namesMayBeSwapped() {
        story.model("a").version("a", "1").version("a", "2").alias("a", "champion", "1");
        story.later("1H").model("b").version("b", "1").version("b", "2").alias("b", "champion", "2");
        story.look().later("24H").alias("a", "champion", "2").look();
        story.later("24H").rename("a", "c").rename("b", "a").rename("c", "b");
        story.alias("b", "champion", "1").look();

        assertThat(story.says(ROLLBACKS, "b", "champion")).isEqualTo("1");
        assertThat(story.says(ROLLBACKS, "a", "champion")).isEqualTo("0");
        assertThat(story.paces(Duration.ofDays(90)))
                .containsExactlyInAnyOrder("champion 0 in 2 d", "champion 1 in 2 d");
    }

    @Test
    void aModelThatTakesTheNameOfOneThatIsGoneDoesNotTakeItsDeployments() {
        begun().model("other").version("other", "1").alias("m", "champion", "2").look();
        story.later("24H").removeModel("m").rename("other", "m").look();
        story.later("24H").alias("m", "champion", "1").look();

        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("2");
        assertThat(story.paces(Duration.ofDays(90))).containsExactly("champion 1 in 2 d");
        assertThat(story.says(PER_VERSION, "7d", "EUR")).isEqualTo("42");
    }

    @Test
    void anAliasThatIsNotFollowedForAWhileIsKnownFromThenOnOnly() {
        story = new DeploymentStory(
                Map.of("delivery.aliases", "champion,blue", "delivery.production", "champion,blue"));
        begun().alias("m", "blue", "1").later("24H").look();
        story.restart(Map.of("delivery.aliases", "champion", "delivery.production", "champion,blue"))
                .removeAlias("m", "blue")
                .later("240H")
                .look();
        assertThat(story.paces(Duration.ofDays(90))).containsExactly("champion 0 in 11 d");

        story.restart(Map.of("delivery.aliases", "champion,blue", "delivery.production", "champion,blue"))
                .later("48H")
                .alias("m", "blue", "2")
                .look();
        assertThat(story.paces(Duration.ofDays(90))).containsExactlyInAnyOrder("champion 0 in 13 d", "blue 1 in 2 d");
    }

    @Test
    void aModelMadeWhenAnotherWasIsNotThatOne() {
        story.model("a").version("a", "1").alias("a", "champion", "1").look();
        story.model("b").removeModel("a").later("1H").version("b", "1").look();

        assertThat(story.moves()).isEmpty();
        story.alias("b", "champion", "1").look();
        assertThat(story.says(DEPLOYMENTS, "b", "champion")).isEqualTo("1");
    }

    @Test
    void theTempoOfWhatIsNewlyLookedAtIsKnownFromThenOn() {
        story = new DeploymentStory(Map.of(
                "read.models.exclude", "x", "delivery.aliases", "champion", "delivery.production", "champion,blue"));
        begun().model("x")
                .version("x", "1")
                .alias("x", "champion", "1")
                .alias("m", "blue", "1")
                .look();
        story.later("240H")
                .restart(Map.of("delivery.production", "champion,blue"))
                .look();
        story.later("48H")
                .alias("m", "blue", "2")
                .version("x", "2")
                .alias("x", "champion", "2")
                .look();

        assertThat(story.paces(Duration.ofDays(90)))
                .containsExactlyInAnyOrder("champion 0 in 12 d", "blue 1 in 2 d", "champion 1 in 2 d");
    }

    @Test
    void aVersionPutIntoUseAgainWasDeliveredBefore() {
        begun().alias("m", "champion", "2").look();
        story.later("6H").alias("m", "champion", "1").look();
        story.restart().later("6H").alias("m", "champion", "2").look();

        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("3");
        assertThat(story.says(LEAD_TIME, "m", "champion")).isEqualTo("1 of 0 s");
    }

    @Test
    void aNewModelOfAnOldNameIsNotRolledBack() {
        begun().alias("m", "champion", "2").look();
        story.later("1H").removeModel("m").look();
        story.later("1H")
                .model("m")
                .version("m", "1")
                .alias("m", "champion", "1")
                .later("1H")
                .look();

        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("0");
        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("2");
        assertThat(story.says("mlflow_model_versions_created_total", "m")).isEqualTo("3");
    }

    @Test
    void aVersionDeletedAndItsNumberGivenAnewAreTwoVersions() {
        begun().removeVersion("m", "2").look();
        assertThat(story.says("mlflow_model_versions_created_total", "m")).isEqualTo("2");

        story.later("1H").version("m", "2").look();
        assertThat(story.says("mlflow_model_versions_created_total", "m")).isEqualTo("3");
    }

    @Test
    void anAliasThatPointsToADeletedVersionStaysWhereItIs() {
        begun().alias("m", "champion", "2").look();
        story.removeVersion("m", "2").look();
        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("1");

        story.alias("m", "champion", "1").look();
        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("1");
    }

    @Test
    void whatCannotBeTrueOfARegistryIsCounted() {
        begun().version("m", "latest");
        story.model("n").version("n", "2").alias("n", "champion", "2").look();
        assertThat(story.anomalies()).isEqualTo("{alias_without_version=0, version_not_a_number=1}");

        story.removeVersion("m", "1")
                .alias("n", "challenger", "1")
                .alias("n", "old", "")
                .look();
        assertThat(story.anomalies()).isEqualTo("{alias_without_version=3, version_not_a_number=1}");

        story.removeModel("m").look();
        assertThat(story.anomalies()).isEqualTo("{alias_without_version=2, version_not_a_number=0}");
    }

    @Test
    void versionsThatAreNoNumbersAreComparedByAge() {
        story.model("m")
                .version("m", "zebra")
                .later("1H")
                .version("m", "ant")
                .alias("m", "champion", "zebra")
                .look();
        story.alias("m", "champion", "ant").look();
        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("0");

        story.alias("m", "champion", "zebra").look();
        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("1");

        story.alias("m", "champion", "nobody knows").look();
        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("1");
        assertThat(story.says(DEPLOYMENTS, "m", "champion")).isEqualTo("3");
    }

    @Test
    void versionTenIsNewerThanVersionNine() {
        story.model("m")
                .version("m", "9")
                .version("m", "10")
                .alias("m", "champion", "9")
                .look();
        story.alias("m", "champion", "10").look();

        assertThat(story.says(ROLLBACKS, "m", "champion")).isEqualTo("0");
    }

    @Test
    void aLegacyStageIsAnAliasOfTheNewestVersionInIt() {
        begun().stage("m", "1", "Production").look();
        story.stage("m", "2", "Production").look();
        assertThat(story.says(DEPLOYMENTS, "m", "stage:Production")).isEqualTo("2");

        story.stage("m", "2", "Archived").look();
        assertThat(story.says(ROLLBACKS, "m", "stage:Production")).isEqualTo("1");
        assertThat(story.says(FAILURES, "m", "stage:Production")).isEqualTo("1");
        assertThat(story.says(DEPLOYMENTS, "m", "stage:Archived")).isEqualTo("absent");
    }

    @Test
    void aliasesThatAreNotFollowedAreNotTold() {
        DeploymentStory narrow = new DeploymentStory(Map.of("delivery.aliases", "live", "delivery.production", "live"));
        narrow.model("m")
                .version("m", "1")
                .alias("m", "champion", "1")
                .alias("m", "live", "1")
                .look();

        assertThat(narrow.says(DEPLOYMENTS, "m", "champion")).isEqualTo("absent");
        assertThat(narrow.says(FAILURES, "m", "live")).isEqualTo("0");
    }

    @Test
    void aDamagedStateIsNotReadAsAnother() {
        byte[] state = begun().state();
        byte[] cut = java.util.Arrays.copyOf(state, state.length - 3);

        assertThatThrownBy(() -> SectionBytes.read(cut, Deployments::read)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> SectionBytes.again(out -> out.text("moves", "none"), Deployments::read))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("field moves");
    }
}

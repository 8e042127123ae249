"""Does, with MLflow's own client, what a team does with a model: one step for each line on standard input.

    story.py TRACKING_URI NOW_MILLIS

Prints "done STEP" after each. Runs started and ended at fixed times before NOW_MILLIS.
"""

import logging
import math
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from mlflow.tracking import MlflowClient

MODEL = "story"
MINUTE = 60_000
HOUR = 60 * MINUTE


class Team:
    def __init__(self, uri, now):
        self.client = MlflowClient(uri, uri)
        self.now = now
        self.experiment = self.client.create_experiment("story")
        self.waiting = None

    def start(self, name, start, params=None):
        run = self.client.create_run(self.experiment, start_time=self.now + start, run_name=name).info.run_id
        for key, value in (params or {}).items():
            self.client.log_param(run, key, value)
        return run

    def train(self, start, end, accuracy, **metrics):
        """Makes a version of a run that took from start to end."""
        run = self.start("Training", start)
        for key, value in {"accuracy": accuracy, "fit_seconds": 100 * accuracy, **metrics}.items():
            self.client.log_metric(run, key, value)
        self.client.set_terminated(run, "FINISHED", self.now + end)
        # The source of a version is only told, nothing is stored there.
        self.client.create_model_version(MODEL, f"runs:/{run}/model", run)

    def begin(self):
        self.client.create_registered_model(MODEL)
        self.train(-240 * HOUR - 2 * HOUR, -240 * HOUR, 0.5, clicks=30, impressions=600, orders=3, visits=0)
        self.point("champion", 1)

    def fail(self, start, end):
        run = self.start("Training", start, {"depth": "8"})
        self.client.set_terminated(run, "FAILED", self.now + end)

    def queue(self):
        self.waiting = self.start("Inference", -20 * MINUTE)
        self.client.update_run(self.waiting, "SCHEDULED")

    def point(self, alias, version):
        self.client.set_registered_model_alias(MODEL, alias, str(version))

    def release(self, alias):
        self.client.delete_registered_model_alias(MODEL, alias)

    def stage(self, version):
        self.client.transition_model_version_stage(MODEL, str(version), "Production", archive_existing_versions=True)

    def rename(self):
        self.client.rename_registered_model(MODEL, "tale")
        self.client.set_registered_model_alias("tale", "champion", "1")

    def steps(self):
        return {
            "begin": self.begin,
            "train-2": lambda: self.train(-4 * HOUR, -150 * MINUTE, 0.75, orders=math.nan, visits=10),
            "promote-2": lambda: self.point("champion", 2),
            "roll-back": lambda: self.point("champion", 1),
            "challenge": lambda: self.point("challenger", 2),
            "train-3": lambda: self.train(-2 * HOUR, -HOUR, 0.875, orders=1, visits=4, load_seconds=-1),
            "promote-3": lambda: self.point("champion", 3),
            "fail": lambda: self.fail(-60 * MINUTE, -45 * MINUTE),
            "fail-again": lambda: self.fail(-40 * MINUTE, -25 * MINUTE),
            "queue": self.queue,
            "run": lambda: self.client.update_run(self.waiting, "RUNNING"),
            "take-away": lambda: self.release("challenger"),
            "stage-3": lambda: self.stage(3),
            "stage-1": lambda: self.stage(1),
            "fall-back": lambda: self.point("fallback", 2),
            "delete-2": lambda: self.client.delete_model_version(MODEL, "2"),
            "retire": lambda: self.release("champion"),
            "delete-3": lambda: self.client.delete_model_version(MODEL, "3"),
            "rename": self.rename,
        }


def main():
    steps = Team(sys.argv[1], int(sys.argv[2])).steps()
    print("ready", flush=True)
    for line in sys.stdin:
        steps[line.strip()]()
        print("done " + line.strip(), flush=True)


if __name__ == "__main__":
    main()

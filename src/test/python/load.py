"""Loads an MLflow server through MLflow's own client with everything that a reader may stumble over.

    load.py TRACKING_URI [--artifacts] [--workspaces A,B]

What is loaded is the same each time, but for ids and for the times of the runs that scikit-learn's autologging makes.
With --artifacts a model is logged and registered as well; a server that stores no artifacts cannot take that.
With --workspaces these are made and loaded too, with experiments and models of equal names.
"""

import argparse
import logging
import os
import time
import warnings

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
os.environ["LOGNAME"] = "loader"
warnings.filterwarnings("ignore")

import mlflow
import numpy as np
import requests
from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

logging.getLogger("mlflow").setLevel(logging.ERROR)

T0 = 1_760_000_000_000  # a fixed moment: October 2025
SECOND = 1_000
HOUR = 3_600_000
EMOJI = "🚲 vélo"
QUOTES = 'say "hi"\\ and \'bye\'\nsecond line\tand tab'


class Loader:
    def __init__(self, uri):
        self.uri = uri
        self.client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        rng = np.random.default_rng(7)
        self.x = rng.normal(size=(60, 3))
        self.y = self.x @ np.array([1.0, -2.0, 0.5]) + rng.normal(scale=0.1, size=60)

    def post(self, endpoint, body):
        """What the client does not do, in the default workspace."""
        requests.post(f"{self.uri}/api/2.0/mlflow/{endpoint}", json=body, timeout=30).raise_for_status()

    def run(self, experiment, name, start, seconds=None, status="FINISHED", tags=None):
        run = self.client.create_run(experiment, start_time=start, run_name=name, tags=tags or {})
        if seconds is not None:
            self.client.set_terminated(run.info.run_id, status, end_time=start + int(seconds * SECOND))
        return run.info.run_id

    def lifecycle(self, experiment):
        """Runs of each phase and status, by hand, with times of their own."""
        for i, (name, seconds) in enumerate(
            [("Data preprocessing", 12.5), ("Tuning", 7200), ("Training", 3600.001), ("Evaluations", 45), ("Explanations", 61),
             ("Inference", 0.75), ("Promotion", 1), ("TRAINING again", 3600), ("something else", 5), ("fit once more", 604_800),
             ("batch-training", 604_801)]
        ):
            self.run(experiment, name, T0 + i * HOUR, seconds)
        self.run(experiment, "Training", T0 + HOUR, 30, "FAILED")
        self.run(experiment, "Training", T0 + 2 * HOUR, 15, "KILLED")
        self.run(experiment, "Training", T0 + 3 * HOUR)
        scheduled = self.run(experiment, "Inference", T0 + 4 * HOUR)
        self.client.update_run(scheduled, status="SCHEDULED")
        self.run(experiment, "Tuning", T0 + 5 * HOUR, -5)  # ends before it starts
        self.run(experiment, "Tuning", T0 + 5 * HOUR, 0)
        self.run(experiment, "x", T0 + 6 * HOUR, 2, tags={"mlflow.project.entryPoint": "train"})
        self.run(experiment, "x", T0 + 7 * HOUR, 2, tags={"phase": "Inference", "mlflow.user": "ana"})
        self.run(experiment, "soon", int(time.time() * 1000) - 2 * SECOND)  # alive
        # A scheduled job that ended without saying when, and a run of a client that tells no start.
        no_end = self.run(experiment, "Evaluation without an end", T0 + 8 * HOUR)
        self.client.update_run(no_end, status="FINISHED")
        self.post("runs/create", {"experiment_id": experiment, "run_name": "no start", "user_id": "rest"})
        parent = self.run(experiment, "Tuning parent", T0 + 9 * HOUR, 100)
        for i in range(3):
            self.run(experiment, f"Tuning child {i}", T0 + 9 * HOUR + i, 30, tags={"mlflow.parentRunId": parent})
        for i in range(4):
            deleted = self.run(experiment, "Training", T0 + 10 * HOUR + i, 10 + i)
            self.client.delete_run(deleted)
            if i == 0:
                self.client.restore_run(deleted)

    def crowd(self, experiment, number):
        """More runs in one millisecond than a small page holds, and neighbours a millisecond away."""
        for i in range(number):
            self.run(experiment, f"crowd {i}", T0 + 20 * HOUR, 1 if i % 2 else None)
        self.run(experiment, "before", T0 + 20 * HOUR - 1, 1)
        self.run(experiment, "after", T0 + 20 * HOUR + 1, 1)

    def values(self, experiment):
        """Metrics, params and tags of every kind."""
        run = self.run(experiment, "Training with values", T0 + 30 * HOUR)
        c = self.client
        for key, value in [("nan", float("nan")), ("inf", float("inf")), ("-inf", float("-inf")), ("tiny", 5e-324),
                           ("huge", 1.7976931348623157e308), ("minus zero", -0.0), ("third", 1 / 3), ("whole", 3.0)]:
            c.log_metric(run, key, value, timestamp=T0 + 30 * HOUR + 1, step=0)
        c.log_metric(run, "turns", 1.0, timestamp=T0 + 1, step=1)
        c.log_metric(run, "turns", float("nan"), timestamp=T0 + 2, step=2)
        c.log_metric(run, "turns", float("inf"), timestamp=T0 + 3, step=3)
        c.log_metric(run, "turns", 2.0, timestamp=T0 + 9, step=3)
        c.log_metric(run, "turns", 0.0, timestamp=T0 + 10, step=-4)
        c.log_metric(run, "late step", 1.0, timestamp=T0, step=9_007_199_254_740_993)
        c.log_metric(run, "below zero", 1.0, timestamp=T0, step=-3)
        c.log_metric(run, "system/cpu_utilization_percentage", 55.5, timestamp=T0 + 31 * HOUR)
        c.log_batch(run, metrics=[Metric(f"many/{i % 60}", i / 7, T0 + 30 * HOUR + i, i // 60) for i in range(600)],
                    params=[Param(f"param {i}", str(i)) for i in range(40)],
                    tags=[RunTag(f"tag {i}", f"v{i}") for i in range(20)])
        c.log_param(run, "long", "p" * 5_900)
        c.log_param(run, "unicode", EMOJI + QUOTES)
        c.log_param(run, "empty", "")
        c.set_tag(run, "long", "t" * 4_900)
        c.set_tag(run, "unicode/a b:c-d.e_f", EMOJI + QUOTES)
        c.set_tag(run, "gone", "x")
        c.delete_tag(run, "gone")
        c.set_tag(run, "changed", "a")
        c.set_tag(run, "changed", "b")
        c.set_tag(run, "estimator_name", "ByNameOnly")
        c.set_terminated(run, end_time=T0 + 31 * HOUR)
        renamed = self.run(experiment, "old name", T0 + 32 * HOUR, 3)
        c.update_run(renamed, name="Training renamed " + EMOJI)

    def autologged(self, experiment, artifacts):
        """What scikit-learn's autologging writes, nested runs of a grid search included."""
        mlflow.sklearn.autolog(log_models=False, log_post_training_metrics=artifacts, max_tuning_runs=3, silent=True)
        try:
            for model in [LinearRegression(), RandomForestRegressor(n_estimators=3, random_state=7)]:
                with mlflow.start_run(experiment_id=experiment, run_name="Training"):
                    model.fit(self.x, self.y)
            with mlflow.start_run(experiment_id=experiment, run_name="Training"):
                LogisticRegression().fit(self.x, self.y > 0)
            with mlflow.start_run(experiment_id=experiment):  # a random name
                Pipeline([("scale", StandardScaler()), ("ridge", Ridge())]).fit(self.x, self.y)
            with mlflow.start_run(experiment_id=experiment, run_name="Tuning"):
                GridSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, cv=2).fit(self.x, self.y)
        finally:
            mlflow.sklearn.autolog(disable=True)
        try:
            with mlflow.start_run(experiment_id=experiment, run_name="Training that fails"):
                raise KeyError("as planned")
        except KeyError:
            pass
        if artifacts:
            with mlflow.start_run(experiment_id=experiment, run_name="Promotion"):
                # The second argument is called artifact_path in MLflow 2 and name in MLflow 3.
                mlflow.sklearn.log_model(LinearRegression().fit(self.x, self.y), "model", pip_requirements=["scikit-learn"],
                                         registered_model_name="logged")

    def experiments(self):
        c = self.client
        bikes = c.create_experiment("bikes", tags={"team": "a b", "unicode": EMOJI})
        self.hostile = [c.create_experiment(name) for name in
                        [QUOTES, EMOJI, "long " + "é🚲" * 120, "_other", "{label=\"x\"} # 1", " spaces ", "[a-z]*?"]]
        for i, experiment in enumerate(self.hostile):
            self.run(experiment, QUOTES if i == 0 else "Training " + EMOJI, T0 + i, 1 + i)
        renamed = c.create_experiment("before")
        c.rename_experiment(renamed, "after")
        retired = c.create_experiment("retired")
        self.run(retired, "Training", T0, 10)
        self.run(retired, "Training", T0)
        c.delete_run(self.run(retired, "Training", T0 + 1, 10))
        c.delete_experiment(retired)
        back = c.create_experiment("back again")
        self.run(back, "Training", T0, 10)
        c.delete_run(self.run(back, "Training", T0 + 1, 10))
        c.delete_experiment(back)
        c.restore_experiment(back)
        c.create_experiment("empty")
        return bikes

    def registry(self, experiment):
        c = self.client
        run = self.run(experiment, "Promotion", T0 + 40 * HOUR, 5)
        c.create_registered_model("demand", tags={"owner": "ana", "unicode": EMOJI}, description=QUOTES)
        for i in range(12):
            c.create_model_version("demand", source=f"s3://models/demand/{i}", run_id=run if i % 2 else None)
        c.delete_model_version("demand", "2")
        c.set_registered_model_alias("demand", "champion", "1")
        c.set_registered_model_alias("demand", "champion", "7")
        c.set_registered_model_alias("demand", "challenger", "12")
        c.set_registered_model_alias("demand", "also-champion", "7")
        c.set_registered_model_alias("demand", "retired", "3")
        c.delete_registered_model_alias("demand", "retired")
        c.set_registered_model_alias("demand", "lost", "11")
        c.delete_model_version("demand", "11")
        c.set_model_version_tag("demand", "5", "checked", "yes")
        c.update_model_version("demand", "5", description=EMOJI)
        c.transition_model_version_stage("demand", "6", "Production")
        c.create_registered_model("no versions")
        c.create_registered_model(EMOJI)
        c.create_model_version(EMOJI, source="s3://models/x", run_id=run, tags={"a": "b"})
        c.create_registered_model("old")
        c.create_model_version("old", source="s3://models/y")
        c.set_registered_model_alias("old", "prod", "1")
        c.rename_registered_model("old", "new \"name\"")
        c.create_registered_model("forgotten")
        c.delete_registered_model("forgotten")
        for i in range(4):
            c.create_registered_model(f"filler-{i}")
        # The client refuses to make one as a model; on the server it is one.
        prompt = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
        self.post("registered-models/create", {"name": "a prompt", "tags": prompt})

    def everything(self, artifacts):
        bikes = self.experiments()
        self.lifecycle(bikes)
        self.crowd(bikes, 25)
        self.values(bikes)
        self.registry(bikes)
        self.autologged(bikes, artifacts)

    def some(self, runs):
        """A workspace's own: names that other workspaces have too."""
        c = self.client
        bikes = c.create_experiment("bikes")
        for i in range(runs):
            self.run(bikes, "Training", T0 + i, 100 + i)
        c.create_registered_model("demand")
        for i in range(runs):
            c.create_model_version("demand", source=f"s3://models/{i}")
        c.set_registered_model_alias("demand", "champion", str(runs))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("--artifacts", action="store_true")
    parser.add_argument("--workspaces", default="")
    options = parser.parse_args()
    mlflow.set_tracking_uri(options.uri)
    mlflow.set_registry_uri(options.uri)
    Loader(options.uri).everything(options.artifacts)
    for number, workspace in enumerate(name for name in options.workspaces.split(",") if name):
        mlflow.create_workspace(workspace)
        os.environ["MLFLOW_WORKSPACE"] = workspace
        mlflow.set_workspace(workspace)
        Loader(options.uri).some(number + 3)


if __name__ == "__main__":
    main()

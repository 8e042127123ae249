"""Adds to an MLflow server runs that are hard to charge for: long, nested, silent, deleted, and with odd quantities.

    load_cost.py TRACKING_URI BASE_MILLIS [--workspaces A,B]

Half of the runs are placed around BASE_MILLIS, which is about now, the other half around fixed days of 2025 and 2026 on
which months, quarters and years begin and clocks change in Berlin.
"""

import argparse
import os
import warnings
from datetime import datetime

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
os.environ["LOGNAME"] = "loader"
warnings.filterwarnings("ignore")

import mlflow
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

HOUR = 3_600_000
DAY = 24 * HOUR
CPU = "system/cpu_utilization_percentage"
MEMORY = "system/system_memory_usage_percentage"
GPU = "system/gpu_{}_utilization_percentage"
WATTS = "system/gpu_{}_power_usage_watts"


def at(text):
    return int(datetime.fromisoformat(text + "+00:00").timestamp() * 1000)


class Loader:
    def __init__(self, uri, base):
        self.client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        self.base = base

    def experiment(self, name, **tags):
        return self.client.create_experiment(name, tags=tags)

    def run(self, experiment, name, start, end=None, status="FINISHED", parent=None, metrics=(), params=None, **tags):
        """Metrics are (name, value, time); tags' names take a dot for a double underscore."""
        tags = {key.replace("__", "."): value for key, value in tags.items()}
        if parent:
            tags["mlflow.parentRunId"] = parent
        run = self.client.create_run(experiment, start_time=start, run_name=name, tags=tags).info.run_id
        if metrics or params:
            steps = {}
            points = []
            for key, value, time in metrics:
                steps[key] = steps.get(key, -1) + 1
                points.append(Metric(key, value, time, steps[key]))
            self.client.log_batch(run, metrics=points, params=[Param(k, v) for k, v in (params or {}).items()])
        if end is not None:
            self.client.set_terminated(run, status, end_time=end)
        return run

    def history(self, experiment, days):
        """Every day something, by weekday: for windows, budgets and the forecast."""
        for i in range(days):
            begin = self.base - i * DAY - (i % 5) * HOUR - 7 * HOUR
            self.run(experiment, "Training", begin, begin + (1 + i % 7) * HOUR + i * 1_001,
                     "FAILED" if i % 6 == 0 else "FINISHED", params={"n_gpus": str(i % 3)}, accelerator="A100", nodes="2")

    def calendar(self, churn, vision, llm):
        self.run(churn, "Training", at("2026-03-28T20:00"), at("2026-03-29T10:00"), nodes="3")  # summer time begins
        self.run(churn, "Evaluation", at("2026-03-29T00:59:59.999"), at("2026-03-29T01:00:00.001"))
        self.run(llm, "Training", at("2026-10-24T12:00"), at("2026-10-26T12:00"), mlflow__user="ann")  # and ends
        self.run(vision, "Training", at("2026-03-31T20:30"), at("2026-04-01T03:00"), "KILLED", params={"n_gpus": "4"},
                 accelerator="H100")
        self.run(vision, "Tuning", at("2025-12-20T06:00"), at("2026-01-10T18:30"), params={"n_gpus": "1"}, accelerator="A100")
        self.run(llm, "Inference", at("2026-06-30T21:59:59.999"), at("2026-07-02T00:00"), team="red")
        self.run(churn, "Training", at("2026-03-20T00:00"), metrics=[("loss", 1.0, at("2026-03-21T12:34:56.789"))])  # silent
        self.run(churn, "Training", at("2026-04-01T20:00"), metrics=[("loss", 1.0, at("2026-04-02T03:00"))], nodes="2")
        self.run(churn, "Data", at("2026-02-28T22:00"), at("2026-03-01T02:00"))
        self.run(llm, "Training", at("2026-03-26T08:00"), at("2026-04-05T08:00"), project="long")

    def lives(self, e):
        """Each way in which a run may be over, or not."""
        b = self.base
        self.run(e, "Training", b - 3 * HOUR)
        self.run(e, "Training", b - 30 * HOUR, metrics=[("loss", 2.0, b - HOUR)], nodes="4")
        self.run(e, "Training", b - 100 * HOUR, metrics=[("loss", 2.0, b - 60 * HOUR)], nodes="2")
        self.run(e, "Training", b + 5 * HOUR)
        self.run(e, "Evaluation", b - 2 * HOUR, b + 9 * HOUR)
        self.run(e, "Evaluation", b - 2 * HOUR, b - 3 * HOUR)
        self.run(e, "Evaluation", b - 2 * HOUR, b - 2 * HOUR)
        self.run(e, "Evaluation", b - 9 * HOUR, b - 8 * HOUR, "FAILED")
        self.run(e, "Evaluation", b - 9 * HOUR, b - 7 * HOUR, "KILLED")
        scheduled = self.run(e, "Inference", b - 8 * HOUR)
        self.client.update_run(scheduled, status="SCHEDULED")
        no_end = self.run(e, "Inference", b - 20 * HOUR, metrics=[("loss", 3.0, b - 18 * HOUR - 1)])
        self.client.update_run(no_end, status="FAILED")
        for end, restored in [(b - 4 * HOUR, False), (None, False), (b - 4 * HOUR, True)]:
            run = self.run(e, "Data", b - 6 * HOUR, end, metrics=[("loss", 1.0, b - 5 * HOUR), (CPU, 50.0, b - 5 * HOUR)])
            self.client.delete_run(run)
            if restored:
                self.client.restore_run(run)

    def families(self, e, other):
        b = self.base
        for i, kind in enumerate(["", "distributed"]):
            parent = self.run(e, "Tuning", b - 12 * HOUR, b - 4 * HOUR, launcher=kind, nodes="2")
            child = self.run(e, "Tuning", b - 11 * HOUR, b - 5 * HOUR, parent=parent)
            self.run(e, "Tuning", b - 10 * HOUR, b - 6 * HOUR, parent=child)
            self.run(other, "Training", b - 10 * HOUR, b - 3 * HOUR, "FAILED", parent=parent)
            self.run(e, "Tuning", b - 2 * HOUR - i, parent=parent)
        waits = self.run(e, "Tuning", b - 12 * HOUR)
        self.client.update_run(waits, status="SCHEDULED")
        self.run(e, "Tuning", b - 12 * HOUR, b - 11 * HOUR, parent=waits)
        self.run(e, "Tuning", b - 12 * HOUR, b - 11 * HOUR, parent="0" * 32)
        gone = self.run(e, "Tuning", b - 15 * HOUR, b - 13 * HOUR)
        self.run(e, "Tuning", b - 15 * HOUR, b - 13 * HOUR, parent=gone)
        self.client.delete_run(gone)
        one = self.run(e, "Tuning", b - 16 * HOUR, b - 15 * HOUR)
        two = self.run(e, "Tuning", b - 16 * HOUR, b - 14 * HOUR, parent=one)
        self.client.set_tag(one, "mlflow.parentRunId", two)
        itself = self.run(e, "Tuning", b - 17 * HOUR, b - 15 * HOUR)
        self.client.set_tag(itself, "mlflow.parentRunId", itself)

    def quantities(self, e):
        b = self.base
        for i, gpus in enumerate(["1", "2.5", " 3 ", "0", "many", "-1", "1e3", "1000001", "٣", ""]):
            self.run(e, "Training", b - 26 * HOUR, b - (25 - i) * HOUR, params={"n_gpus": gpus}, accelerator="A100")
            self.run(e, "Evaluation", b - 26 * HOUR, b - (25 - i) * HOUR, nodes=gpus)
        self.run(e, "Training", b - 27 * HOUR, b - 26 * HOUR, params={"n_gpus": "2"}, accelerator="a100 of ours")
        self.run(e, "Training", b - 27 * HOUR, b - 26 * HOUR, params={"n_gpus": "2", "memory": "12.5"}, accelerator="H100")
        self.run(e, "Training", b - 27 * HOUR, b - 26 * HOUR, accelerator="H100")
        self.run(e, "Training", b - 28 * HOUR, b - 2 * HOUR, params={"n_gpus": "2"}, accelerator="A100", nodes="2")
        for user, source in [("ann", "train.py"), ("ci-bot", "train.py"), ("bob", "dir/smoke_test.py"), ("Ann", "a.ipynb")]:
            self.run(e, "Explanation", b - 40 * HOUR, b - 33 * HOUR, mlflow__user=user, mlflow__source__name=source)
        for resource, count in [("gpu-node", "2"), ("gpu-node", "two"), ("nowhere", "2"), ("", "2"), ("cpu-node", None)]:
            hints = {"mlflow-exporter.resource": resource}
            if count:
                hints["mlflow-exporter.count"] = count
            self.run(e, "Promotion", b - 45 * HOUR, b - 43 * HOUR, **hints)
        for project, team in [("billing", "blue"), ("", "red"), ("_other", "none")]:
            self.run(e, "Data", b - 50 * HOUR, b - 42 * HOUR, project=project, team=team)

    def machines(self, e):
        """System metrics, of which the last is not the mean."""
        b = self.base

        def points(name, values, since):
            return [(name, value, since + i * 60_000) for i, value in enumerate(values)]

        for i, (phase, hours, metrics) in enumerate([
            ("Training", 5, {CPU: [10, 20, 60], MEMORY: [30.5, 31], GPU.format(0): [90, 100, 20], GPU.format(1): [0, 0, 40],
                             WATTS.format(0): [250.25, 310, 40], WATTS.format(1): [60, 61, 62]}),
            ("Training", 2, {CPU: [100, 400, 0], GPU.format(0): [33.3]}),
            ("Training", 9, {CPU: [5.5, float("nan"), 6.5, float("inf")], WATTS.format(0): [float("inf")]}),
            ("Evaluation", 4, {MEMORY: [50, 60], WATTS.format(10): [120]}),
            ("Evaluation", 1, {CPU: [float("nan")], "system/disk_usage_percentage": [99], "system/gpu_x_utilization_percentage": [1]}),
            ("Evaluation", 3, {CPU: [-5], GPU.format(0): [-3, 1], GPU.format(1): [70]}),
            ("Inference", 800, {CPU: [75, 25, 50]}),
            ("Inference", 2, {GPU.format(3): [45, 55, 65]}),
        ]):
            start = b - hours * HOUR - (i + 1) * HOUR
            logged = [p for name, values in metrics.items() for p in points(name, values, start)]
            self.run(e, phase, start, start + hours * HOUR, "FAILED" if i == 2 else "FINISHED", metrics=logged, nodes=str(1 + i % 3))
        for hours in [2, 70]:  # alive, and silent
            start = b - hours * HOUR
            self.run(e, "Training", start, metrics=points(CPU, [10, 90], start + HOUR) + points(WATTS.format(0), [100, 300], start + HOUR))
        self.run(e, "Training", at("2026-03-30T10:00"), at("2026-04-01T11:00"),
                 metrics=points(GPU.format(0), [20, 40], at("2026-03-30T10:00")) + points(WATTS.format(0), [400, 200], at("2026-03-30T10:00")))

    def shared(self, e, other):
        """Runs that have a machine together, and some that look as if they had."""
        b = self.base
        for i in range(8):
            self.run(e if i % 3 else other, "Tuning", b - 20 * HOUR + i * 1_234_567, b - (14 - i) * HOUR, host="h1")
        self.run(e, "Tuning", b - 13 * HOUR, host="h1")
        self.run(e, "Tuning", b - 12 * HOUR - 7, host="h1", nodes="3")
        self.run(e, "Tuning", b - 3 * HOUR, b - 2 * HOUR, "KILLED", host="h1", metrics=[(CPU, 30.0, b - 2 * HOUR)])
        self.run(e, "Tuning", b - 100 * HOUR, host="h1", metrics=[("loss", 1.0, b - 17 * HOUR)])  # silent
        parent = self.run(e, "Tuning", b - 9 * HOUR, b - 6 * HOUR, host="h2")
        self.run(e, "Tuning", b - 8 * HOUR, b - 7 * HOUR, parent=parent, host="h2")  # its parent pays
        self.run(e, "Tuning", b - 8 * HOUR, b - 5 * HOUR, host="h2", metrics=[(WATTS.format(0), 310.0, b - 6 * HOUR)])
        self.run(e, "Tuning", b - 8 * HOUR, b - 5 * HOUR, host="h3")
        for _ in range(2):
            self.run(e, "Tuning", b - 8 * HOUR, b - 5 * HOUR, host="")
            self.run(e, "Data", b - 8 * HOUR, b - 5 * HOUR, nodes="2")

    def everything(self):
        churn = self.experiment("churn", project="retention", team="blue")
        vision = self.experiment("Vision \"2\"", team="red")
        llm = self.experiment("llm-small")
        self.history(vision, 33)
        self.history(llm, 5)
        self.calendar(churn, vision, llm)
        self.lives(churn)
        self.families(llm, vision)
        self.quantities(vision)
        self.shared(vision, llm)
        self.machines(self.experiment("machines", project="retention"))
        left = self.experiment("llm-left", team="green")
        self.run(left, "Training", self.base - 60 * HOUR, self.base - 50 * HOUR)
        self.client.delete_experiment(left)
        # Named by the rules, but too late: what came first counts.
        self.client.rename_experiment(churn, "churn-eu")

    def some(self):
        """A workspace's own, by a name that others have too."""
        b = self.base
        vision = self.experiment("Vision \"2\"", team="yellow")
        self.run(vision, "Training", b - 5 * HOUR, b - HOUR, params={"n_gpus": "1"}, accelerator="A100")
        self.run(vision, "Training", b - 2 * HOUR, metrics=[(GPU.format(0), 25.0, b - HOUR)])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("base", type=int)
    parser.add_argument("--workspaces", default="")
    options = parser.parse_args()
    mlflow.set_tracking_uri(options.uri)
    Loader(options.uri, options.base).everything()
    for workspace in (name for name in options.workspaces.split(",") if name):
        os.environ["MLFLOW_WORKSPACE"] = workspace
        mlflow.set_workspace(workspace)
        Loader(options.uri, options.base).some()


if __name__ == "__main__":
    main()

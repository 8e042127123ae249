"""Recomputes from MLflow's own client and pandas what /metrics must say, independently of the exporter.

    recompute.py TRACKING_URI [--workspaces A,B] [--recent N] [--versions N]

Prints one JSON list of series: {"name", "labels", "value"}; the value is null where it depends on the moment of reading.
"""

import argparse
import hashlib
import json
import math
import os
import pathlib
import re
import time
import warnings

warnings.filterwarnings("ignore")

import mlflow
import pandas as pd
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient

BOUNDS = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800]
DOCUMENTED_PHASES = pathlib.Path(__file__).parents[3] / "docs" / "phases.md"
PHASE_TAGS = ["mlflow.project.entryPoint", "phase", "lifecycle_phase", "job"]
STALE_AFTER_MS = 24 * 3_600_000
LONGEST_RUN_MS = 90 * 24 * 3_600_000
EARLIEST_START_MS = 1_527_811_200_000
CLOCKS_DIFFER_MS = 2 * 3_600_000
PRODUCTION = {"champion", "production", "stage:production"}
STAGES = {"Production", "Staging"}
ENDED = {"FINISHED", "FAILED", "KILLED"}


def documented_phases():
    """Phase and patterns, in order, as the documentation's table has them."""
    rows = re.findall(r"^\| \d+ \| `(\w+)` \| (.*) \|$", DOCUMENTED_PHASES.read_text("utf-8"), re.MULTILINE)
    assert rows, "docs/phases.md has no table any more"
    return [(name, [regex(pattern) for pattern in re.findall("`([^`]+)`", patterns)]) for name, patterns in rows]


def regex(pattern):
    parts = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    return re.compile(parts, re.IGNORECASE | re.DOTALL)


PHASES = documented_phases()


def phase(name, tags):
    for texts in ([tags[tag] for tag in PHASE_TAGS if tag in tags], [name]):
        for wanted, patterns in PHASES:
            if any(p.fullmatch(text) for p in patterns for text in texts):
                return wanted
    return "other"


def clean(text):
    """A label's value as the exporter documents it."""
    text = "".join("\ufffd" if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 else c for c in text)
    if len(text) > 200:
        text = text[:191] + "…" + hashlib.sha256(text.encode()).hexdigest()[:8]
    return text + "_" if re.fullmatch("_other_*", text) else text


def paged(search):
    token = None
    while True:
        page = search(token)
        yield from page
        token = page.token
        if not token:
            return


def frames(client, now):
    experiments = pd.DataFrame(
        [
            {"id": e.experiment_id, "name": e.name, "stage": e.lifecycle_stage, "created": e.creation_time}
            for e in paged(lambda t: client.search_experiments(view_type=ViewType.ALL, max_results=5, page_token=t))
        ]
    )
    rows = []
    for experiment in experiments.itertuples():
        for run in paged(lambda t: client.search_runs([experiment.id], run_view_type=ViewType.ALL, max_results=50, page_token=t)):
            tags = run.data.tags
            start, end = run.info.start_time or 0, run.info.end_time or 0
            times = [m.timestamp for m in run.data._metric_objs]
            rows.append(
                {
                    "id": run.info.run_id,
                    "experiment": experiment.name,
                    "name": run.info.run_name or "",
                    "user": tags.get("mlflow.user") or run.info.user_id or "",
                    "status": run.info.status,
                    "active": run.info.lifecycle_stage == "active",
                    "start": start,
                    "end": end,
                    "sign": activity(run.info.status, start, end, times, now),
                    "phase": phase(run.info.run_name or "", tags),
                    "estimator": tags.get("estimator_class") or tags.get("estimator_name") or "",
                }
            )
    models, aliases = [], []
    for m in paged(lambda t: client.search_registered_models(max_results=3, page_token=t)):
        models.append({"model": m.name, "created": m.creation_timestamp})
        aliases += [{"model": m.name, "alias": a, "version": str(v)} for a, v in m.aliases.items()]
    versions = [
        {"model": v.name, "version": str(v.version), "number": int(v.version), "created": v.creation_timestamp,
         "stage": v.current_stage}
        for v in paged(lambda t: client.search_model_versions(max_results=5, page_token=t))
    ]
    return experiments, pd.DataFrame(rows), pd.DataFrame(models), pd.DataFrame(aliases), pd.DataFrame(versions)


def activity(status, start, end, times, now):
    """The newest of a run's start and of its metrics' timestamps that can be true."""
    latest = (min(end, now) if status in ENDED and end else now) + CLOCKS_DIFFER_MS
    return max([start] + [min(t, now) for t in times if t <= latest])


def billed(run, now):
    """From, until, what became of it, and whether that can be true; of a run that has a start and does not wait."""
    start, end, last = run["start"], run["end"], run["sign"]
    outcome = run["status"].lower()
    if outcome == "running":
        stale = not run["active"] or now - last > STALE_AFTER_MS
        outcome, until = ("stale", last) if stale else ("running", now)
    elif outcome in ("failed", "killed") and end and end - last > STALE_AFTER_MS:
        until = last
    else:
        until = end or last
    until = max(start, min(until, now))
    return start, until, outcome, start >= EARLIEST_START_MS and until - start <= LONGEST_RUN_MS


class Series:
    def __init__(self):
        self.all = []

    def add(self, workspace, name, value, **labels):
        labels = {key: clean(text) for key, text in labels.items()}
        if workspace:
            labels["workspace"] = workspace
        self.all.append({"name": name, "labels": labels, "value": None if value is None else float(value)})


def tracking(out, workspace, experiments, runs, now):
    for stage in ["active", "deleted"]:
        out.add(workspace, "mlflow_experiments", (experiments.stage == stage).sum(), lifecycle_stage=stage)
    for e in experiments.itertuples():
        out.add(workspace, "mlflow_experiment_created_timestamp_seconds", e.created / 1000, experiment=e.name,
                experiment_id=e.id, lifecycle_stage=e.stage)
    for (experiment, phase_), group in runs.groupby(["experiment", "phase"]):
        out.add(workspace, "mlflow_runs_started_total", len(group), experiment=experiment, phase=phase_)
    ended = runs[runs.status.isin(ENDED)]
    for (experiment, phase_, status), group in ended.groupby(["experiment", "phase", "status"]):
        labels = {"experiment": experiment, "phase": phase_, "status": status.lower()}
        out.add(workspace, "mlflow_runs_ended_total", len(group), **labels)
        timed = group[(group.start != 0) & (group.end != 0)]
        if timed.empty:
            continue
        spans = [billed(run, max(now, run["end"])) for run in timed.to_dict("records")]
        seconds = pd.Series([(until - start) / 1000 for start, until, _, credible in spans if credible], dtype=float)
        if seconds.empty:
            continue
        for bound in BOUNDS:
            out.add(workspace, "mlflow_run_duration_seconds_bucket", (seconds <= bound).sum(), le=f"{bound:.1f}", **labels)
        out.add(workspace, "mlflow_run_duration_seconds_bucket", len(seconds), le="+Inf", **labels)
        out.add(workspace, "mlflow_run_duration_seconds_count", len(seconds), **labels)
        out.add(workspace, "mlflow_run_duration_seconds_sum", math.fsum(seconds), **labels)
    over = ended[(ended.end != 0) & (ended.end <= now)]
    for window, days in [("1d", 1), ("7d", 7), ("30d", 30)]:
        inside = over[over.end > now - days * 86_400_000]
        for (experiment, phase_), group in inside.groupby(["experiment", "phase"]):
            out.add(workspace, "mlflow_run_error_ratio", (group.status != "FINISHED").sum() / len(group), window=window,
                    experiment=experiment, phase=phase_)
    for (experiment, phase_), group in over[over.status == "FINISHED"].groupby(["experiment", "phase"]):
        out.add(workspace, "mlflow_last_success_timestamp_seconds", group.end.max() / 1000, experiment=experiment,
                phase=phase_)
    present = runs[runs.active]
    for (experiment, phase_, status), group in present.groupby(["experiment", "phase", "status"]):
        out.add(workspace, "mlflow_runs", len(group), experiment=experiment, phase=phase_, status=status.lower())
    unended = present.status.isin({"RUNNING", "SCHEDULED"})
    stale = unended & (present.sign != 0) & (now - present.sign > STALE_AFTER_MS)
    for (experiment, phase_), group in present.assign(stale=stale).groupby(["experiment", "phase"]):
        out.add(workspace, "mlflow_runs_stale", group.stale.sum(), experiment=experiment, phase=phase_)
    for experiment, phase_ in present[unended & (present.start >= EARLIEST_START_MS)].groupby(["experiment", "phase"]).groups:
        out.add(workspace, "mlflow_oldest_active_run_age_seconds", None, experiment=experiment, phase=phase_)
    waiting = present[(present.status == "SCHEDULED") & (present.start != 0)]
    for experiment, phase_ in waiting.groupby(["experiment", "phase"]).groups:
        out.add(workspace, "mlflow_oldest_scheduled_run_age_seconds", None, experiment=experiment, phase=phase_)
    for (experiment, estimator), group in present[present.estimator != ""].groupby(["experiment", "estimator"]):
        out.add(workspace, "mlflow_estimator_runs", len(group), experiment=experiment, estimator_class=estimator)


def recent(out, runs, number, now):
    """Of all workspaces together."""
    newest = runs[runs.active].sort_values(["start", "id"], ascending=False).head(number)
    for r in newest.itertuples():
        labels = {"experiment": r.experiment, "phase": r.phase, "run_id": r.id}
        out.add(r.workspace, "mlflow_recent_run_info", 1, run_name=r.name, status=r.status.lower(), user=r.user,
                estimator_class=r.estimator, **labels)
        if r.start == 0:
            continue
        out.add(r.workspace, "mlflow_recent_run_started_timestamp_seconds", r.start / 1000, **labels)
        start, until, outcome, credible = billed(r._asdict(), now)
        if r.status != "SCHEDULED" and credible:
            out.add(r.workspace, "mlflow_recent_run_duration_seconds",
                    None if outcome == "running" or until == now else (until - start) / 1000, **labels)


def registry(out, workspace, models, aliases, versions, number):
    out.add(workspace, "mlflow_registered_models", len(models))
    for m in models.itertuples():
        out.add(workspace, "mlflow_registered_model_created_timestamp_seconds", m.created / 1000, model=m.model)
        out.add(workspace, "mlflow_model_versions", (versions.model == m.model).sum(), model=m.model)
        out.add(workspace, "mlflow_model_versions_created_total", (versions.model == m.model).sum(), model=m.model)
    if (versions.stage != "None").any():
        for model, group in versions.groupby("model"):
            stages = ["None", "Staging", "Production", "Archived"] if (group.stage != "None").any() else ["None"]
            for stage in stages:
                out.add(workspace, "mlflow_model_versions_by_stage", (group.stage == stage).sum(), model=model, stage=stage)
    for a in aliases.itertuples():
        out.add(workspace, "mlflow_model_alias_info", 1, model=a.model, alias=a.alias, version=a.version)
    # Nothing that is there at the first look is taken for a move.
    pointers = {(a.model, a.alias) for a in aliases.itertuples()}
    pointers |= {(v.model, "stage:" + v.stage) for v in versions.itertuples() if v.stage in STAGES}
    for model, alias in pointers:
        labels = {"model": model, "alias": alias}
        for family in ["mlflow_deployments_total", "mlflow_rollbacks_total", "mlflow_alias_deletions_total"]:
            out.add(workspace, family, 0, **labels)
        if alias.lower() in PRODUCTION:
            out.add(workspace, "mlflow_deployment_failures_total", 0, **labels)
    # Production's count begins at 0, so that a model's first deployment is an increase.
    for m in models.itertuples():
        for alias in ["champion", "production", "stage:Production"]:
            if (m.model, alias) not in pointers:
                out.add(workspace, "mlflow_deployments_total", 0, model=m.model, alias=alias)
    newest = versions.sort_values(["created", "number"], ascending=False).groupby("model").head(number)
    for v in newest.itertuples():
        out.add(workspace, "mlflow_model_version_created_timestamp_seconds", v.created / 1000, model=v.model, version=v.version)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("--workspaces", default="")
    parser.add_argument("--recent", type=int, default=100)
    parser.add_argument("--versions", type=int, default=20)
    options = parser.parse_args()
    mlflow.set_tracking_uri(options.uri)
    mlflow.set_registry_uri(options.uri)
    out = Series()
    now = int(time.time() * 1000)
    all_runs = []
    for workspace in options.workspaces.split(","):
        if workspace:
            os.environ["MLFLOW_WORKSPACE"] = workspace
            mlflow.set_workspace(workspace)
        experiments, runs, models, aliases, versions = frames(MlflowClient(options.uri, options.uri), now)
        all_runs.append(runs.assign(workspace=workspace))
        tracking(out, workspace, experiments, runs, now)
        registry(out, workspace, models, aliases, versions, options.versions)
    recent(out, pd.concat(all_runs), options.recent, now)
    print(json.dumps(out.all))


if __name__ == "__main__":
    main()

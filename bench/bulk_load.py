"""Fills an MLflow SQLite file with many runs, through the tables that MLflow itself declares.

Usage: bulk_load.py FILE RUNS

The REST API takes minutes per ten thousand runs; this takes seconds. What it writes is what the Python client
writes: runs with their tags, params and latest metrics, in 40 experiments over the past 60 days, a few of them still
running, one in twenty of them nested. The same arguments write the same runs, but for the time they end at.
"""

import random
import sys
import time

from mlflow.store.db.utils import _initialize_tables, create_sqlalchemy_engine
from mlflow.store.tracking.dbmodels import models as m
from sqlalchemy import insert

EXPERIMENTS = 40
PER_BATCH = 5_000
DAY = 86_400_000
PHASES = ["Training", "Tuning", "Evaluations", "Promotion", "Inference", "Explanations"]
ESTIMATORS = ["RandomForestRegressor", "XGBRegressor", "LogisticRegression", "KNeighborsClassifier"]
USERS = ["ann", "ben", "cid", "dot"]


def rows(chance, number, total, now, last_top):
    """What one run is in each table."""
    run_id = f"{chance.getrandbits(128):032x}"
    phase = chance.choice(PHASES)
    start = now - 60 * DAY + int(60 * DAY * number / total)
    end = start + int(chance.lognormvariate(4.5, 1.2) * 1000)
    running = end > now or chance.random() < 0.0003
    status = "RUNNING" if running else "FAILED" if chance.random() < 0.04 else "FINISHED"
    experiment = number % EXPERIMENTS + 1
    run = {
        "run_uuid": run_id,
        "name": f"{phase}_{number}",
        "source_type": "LOCAL",
        "source_name": "train.py",
        "entry_point_name": "",
        "user_id": chance.choice(USERS),
        "status": status,
        "start_time": start,
        "end_time": None if running else end,
        "source_version": "",
        "lifecycle_stage": "deleted" if chance.random() < 0.01 else "active",
        "artifact_uri": f"mlflow-artifacts:/{experiment}/{run_id}/artifacts",
        "experiment_id": experiment,
    }
    tags = {
        "mlflow.runName": run["name"],
        "mlflow.user": run["user_id"],
        "mlflow.source.name": "train.py",
        "mlflow.source.type": "LOCAL",
        "estimator_class": chance.choice(ESTIMATORS),
        "estimator_name": "model",
    }
    if last_top and chance.random() < 0.05:
        tags["mlflow.parentRunId"] = last_top
    params = {"n_estimators": chance.choice([100, 300]), "max_depth": chance.randrange(2, 12), "seed": number, "lr": 0.1}
    metrics = {"rmse": chance.random(), "mae": chance.random(), "r2": chance.random()}
    return (
        run,
        [{"run_uuid": run_id, "key": k, "value": v} for k, v in tags.items()],
        [{"run_uuid": run_id, "key": k, "value": str(v)} for k, v in params.items()],
        [
            {"run_uuid": run_id, "key": k, "value": v, "timestamp": min(end, now), "step": 0, "is_nan": False}
            for k, v in metrics.items()
        ],
    )


def main(path, total):
    began = time.monotonic()
    chance = random.Random(7)
    now = int(time.time() * 1000)
    engine = create_sqlalchemy_engine(f"sqlite:///{path}")
    _initialize_tables(engine)
    with engine.begin() as db:
        db.exec_driver_sql("PRAGMA synchronous=OFF")
        db.execute(
            insert(m.SqlExperiment.__table__),
            [
                {
                    "experiment_id": i,
                    "name": "Default" if i == 0 else f"project-{i}",
                    "artifact_location": f"mlflow-artifacts:/{i}",
                    "lifecycle_stage": "active",
                    "creation_time": now - 60 * DAY,
                    "last_update_time": now - 60 * DAY,
                }
                for i in range(EXPERIMENTS + 1)
            ],
        )
    last_top = ""
    for begin in range(0, total, PER_BATCH):
        tables = ([], [], [], [])
        for number in range(begin, min(total, begin + PER_BATCH)):
            run, *lists = rows(chance, number, total, now, last_top)
            if not any(tag["key"] == "mlflow.parentRunId" for tag in lists[0]):
                last_top = run["run_uuid"]
            tables[0].append(run)
            for table, some in zip(tables[1:], lists):
                table.extend(some)
        with engine.begin() as db:
            for model, some in zip((m.SqlRun, m.SqlTag, m.SqlParam, m.SqlLatestMetric), tables):
                db.execute(insert(model.__table__), some)
            db.execute(insert(m.SqlMetric.__table__), tables[3])
    print(f"{total} runs in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

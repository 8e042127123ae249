"""Loads a real server of any release since 1.30 through its own client with the small data set that ServersIT knows.

    server_data.py TRACKING_URI [--no-registry] [--accounts]

With --accounts the server has the basic-auth app, whose admin the environment names. Three accounts are made: "all", whose role may
read every experiment and every model; "some", which may read the experiment churn, no other and no model; and "none".
"""

import argparse
import logging
import os
import time
import warnings

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
warnings.filterwarnings("ignore")

import mlflow
from mlflow.tracking import MlflowClient

logging.getLogger("mlflow").setLevel(logging.ERROR)

MINUTE = 60_000
PASSWORD = "a password of the test"


def run(client, experiment, name, start, seconds=None, status="FINISHED", metrics=None):
    made = client.create_run(experiment, start_time=start, run_name=name, tags={"mlflow.user": "ana"})
    for key, value in (metrics or {}).items():
        client.log_metric(made.info.run_id, key, value, timestamp=start + 1)
    if seconds is not None:
        client.set_terminated(made.info.run_id, status, end_time=start + seconds * 1_000)
    return made.info.run_id


def tracking(client, now):
    bikes = client.create_experiment("bikes")
    churn = client.create_experiment("churn")
    retired = client.create_experiment("retired")
    trained = None
    for i, seconds in enumerate([60, 120, 180]):
        trained = run(client, bikes, "Training", now - (90 - 10 * i) * MINUTE, seconds, metrics={"rmse": 0.5 - i / 10})
    run(client, bikes, "Tuning", now - 40 * MINUTE, 30, "FAILED")
    run(client, bikes, "Training", now - 5 * MINUTE, metrics={"rmse": 0.4})
    run(client, churn, "Evaluations", now - 30 * MINUTE, 15)
    client.delete_run(run(client, churn, "Evaluations", now - 20 * MINUTE, 15))
    run(client, retired, "Training", now - 60 * MINUTE, 10)
    client.delete_experiment(retired)
    return churn, trained


def registry(client, trained):
    client.create_registered_model("demand")
    for i in range(3):
        client.create_model_version("demand", source="s3://models/demand/%d" % i, run_id=trained)
    client.transition_model_version_stage("demand", "2", "Production")
    if hasattr(client, "set_registered_model_alias"):
        client.set_registered_model_alias("demand", "champion", "3")


def accounts(uri, churn):
    import mlflow.server

    auth = mlflow.server.get_app_client("basic-auth", tracking_uri=uri)
    for name in ["all", "some", "none"]:
        auth.create_user(name, PASSWORD)
    reader = auth.create_role("default", "reader")
    for kind in ["experiment", "registered_model"]:
        auth.add_role_permission(reader.id, kind, "*", "READ")
    auth.assign_role("all", reader.id)
    auth.grant_user_permission("some", "experiment", churn, "READ")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("--no-registry", action="store_true")
    parser.add_argument("--accounts", action="store_true")
    options = parser.parse_args()
    mlflow.set_tracking_uri(options.uri)
    client = MlflowClient(options.uri, options.uri)
    churn, trained = tracking(client, int(time.time() * 1000))
    if not options.no_registry:
        registry(client, trained)
    if options.accounts:
        accounts(options.uri, churn)


if __name__ == "__main__":
    main()

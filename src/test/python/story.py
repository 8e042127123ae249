"""Does, with MLflow's own client, what a team does with a model: one step for each line on standard input.

    story.py TRACKING_URI

Prints "done STEP" after each.
"""

import logging
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import mlflow
from mlflow.tracking import MlflowClient

MODEL = "story"


def train(client, accuracy):
    with mlflow.start_run(run_name="Training") as run:
        mlflow.log_metric("accuracy", accuracy)
        mlflow.log_metric("fit_seconds", 100 * accuracy)
        mlflow.log_metric("clicks", 30)
        mlflow.log_metric("impressions", 600)
    # The source of a version is only told, nothing is stored there.
    return client.create_model_version(MODEL, f"runs:/{run.info.run_id}/model", run.info.run_id).version


def main():
    mlflow.set_tracking_uri(sys.argv[1])
    mlflow.set_registry_uri(sys.argv[1])
    client = MlflowClient()
    mlflow.set_experiment("story")

    def point(alias, version):
        client.set_registered_model_alias(MODEL, alias, version)

    steps = {
        "begin": lambda: (client.create_registered_model(MODEL), point("champion", train(client, 0.5))),
        "promote": lambda: point("champion", train(client, 0.75)),
        "roll-back": lambda: point("champion", "1"),
        "challenge": lambda: point("challenger", "2"),
        "promote-again": lambda: point("champion", train(client, 0.875)),
        "take-away": lambda: client.delete_registered_model_alias(MODEL, "challenger"),
        "delete-version": lambda: (
            client.delete_registered_model_alias(MODEL, "champion"),
            client.delete_model_version(MODEL, "3"),
        ),
    }
    print("ready", flush=True)
    for line in sys.stdin:
        steps[line.strip()]()
        print("done " + line.strip(), flush=True)


if __name__ == "__main__":
    main()

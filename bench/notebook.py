"""Reads all runs of a server as a notebook does: the Python client's search_runs into one pandas data frame.

Usage: notebook.py TRACKING_URI

Prints what the process took, for the benchmark to read: seconds, peak MiB, runs.
"""

import resource
import sys
import time

began = time.monotonic()

import mlflow  # noqa: E402
from mlflow.entities import ViewType  # noqa: E402


def main(uri):
    mlflow.set_tracking_uri(uri)
    experiments = [e.experiment_id for e in mlflow.search_experiments(view_type=ViewType.ALL)]
    runs = mlflow.search_runs(experiments, run_view_type=ViewType.ALL, max_results=10_000_000)
    hours = (runs["end_time"] - runs["start_time"]).dt.total_seconds() / 3600
    hours.groupby(runs["experiment_id"]).sum()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"NOTEBOOK {time.monotonic() - began:.2f} {peak:.0f} {len(runs)}")


if __name__ == "__main__":
    main(sys.argv[1])

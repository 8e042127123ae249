"""Writes the signatures that AWS's own plugin for MLflow makes with botocore, as vectors for SigV4Test.

  python3 -m venv v && v/bin/pip install -r src/test/python/requirements-sigv4.txt
  v/bin/python src/test/python/sigv4_vectors.py > src/test/resources/io/mlflowexporter/mlflow/rest/auth/sigv4.json

Credentials and ARNs are made up.
"""

import datetime
import json
import sys

import boto3
import botocore.auth
import requests
from sagemaker_mlflow.auth import AuthBoto

SERVER = "arn:aws:sagemaker:eu-central-1:111122223333:mlflow-tracking-server/team-a"
APP = "arn:aws:sagemaker:us-east-2:111122223333:mlflow-app/app-ABC123"
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOSTS = {
    SERVER: "https://eu-central-1.experiments.sagemaker.aws",
    APP: "https://mlflow.sagemaker.us-east-2.app.aws",
}
API = "/api/2.0/mlflow"
CASES = [
    (SERVER, "", "POST", API + "/runs/search", '{"experiment_ids":["0","1"],"max_results":1000}'),
    (SERVER, "a/token+with=signs==", "POST", API + "/experiments/search", '{"max_results":1000,"page_token":"ü/+=="}'),
    (SERVER, "", "GET", API + "/registered-models/search?max_results=1000", ""),
    (SERVER, "", "GET", API + "/registered-models/search?max_results=1000&page_token=a%2Fb%2Bc%3D%3D", ""),
    (SERVER, "", "GET", API + "/model-versions/search?max_results=10000&page_token=%C3%BC%20x~y%2Az", ""),
    (SERVER, "", "GET", API + "/metrics/get-history?run_id=0a&metric_key=val%2Ff1%20score%20%28%25%29&max_results=5", ""),
    (SERVER, "", "GET", API + "/metrics/get-history?metric_key=b&run_id=a&page_token=", ""),
    (SERVER, "", "GET", "/version", ""),
    (APP, "session", "POST", API + "/runs/search", "{}"),
    (APP, "", "GET", "/api/3.0/mlflow/workspaces?max_results=10", ""),
]


def sign(number, case):
    arn, token, method, path, body = case
    time = datetime.datetime(2026, 3, 1, 12, 0, number, tzinfo=datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda *_, **__: time.replace(tzinfo=None)
    tracking = arn == SERVER
    headers = {"x-mlflow-sm-tracking-server-arn" if tracking else "x-sm-mlflow-app-arn": arn, "Connection": "close"}
    if body:
        headers["Content-Type"] = "application/json"
    request = requests.Request(method, HOSTS[arn] + path, headers=headers, data=body.encode() or None).prepare()
    request.headers.pop("Content-Length", None)
    session = boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=SECRET, aws_session_token=token or None)
    auth = AuthBoto(arn.split(":")[3], "sagemaker-mlflow" if tracking else "sagemaker", boto3_session=session)
    signed = auth(request).headers
    kept = ("authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token")
    return {
        "arn": arn,
        "token": token,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "method": method,
        "uri": HOSTS[arn] + path,
        "body": body,
        "signed": {
            name.lower(): value.decode() if isinstance(value, bytes) else value
            for name, value in sorted(signed.items(), key=lambda header: header[0].lower())
            if name.lower() in kept
        },
    }


json.dump([sign(number, case) for number, case in enumerate(CASES)], sys.stdout, indent=1, ensure_ascii=False)
print()

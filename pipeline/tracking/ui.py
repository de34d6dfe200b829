"""MLflow's own page, on this machine only."""

import os
import sys

from pipeline.records import StanceError
from pipeline.tracking.client import has_store

HOST = "127.0.0.1"
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # else eight idle processes, 240 MB each
}


def open_ui(uri: str, port: int) -> None:
    """Become MLflow's server; it ends with Ctrl-C.

    Raises:
        StanceError: nothing was logged there yet.
    """
    if not has_store(uri):
        raise StanceError(f"{uri}: nothing is logged there yet. Run `make run` first, or name the store with --uri")
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri]
    command += ["--host", HOST, "--port", str(port), "--workers", "1"]
    os.execve(sys.executable, command, {**os.environ, **QUIET})  # noqa: S606 (our own command line)

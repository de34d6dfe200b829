"""MLflow's own page, on this machine only."""

import os
import sys

from pipeline.records import StanceError
from pipeline.tracking.client import has_store

HOST = "127.0.0.1"


def open_ui(uri: str, port: int) -> None:
    """Become MLflow's server; it ends with Ctrl-C.

    Raises:
        StanceError: nothing was logged there yet.
    """
    if not has_store(uri):
        raise StanceError(f"{uri}: nothing is logged there yet. Run `make run` first, or name the store with --uri")
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri, "--host", HOST, "--port", str(port)]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    os.execve(sys.executable, command, environment)  # noqa: S606 (our own command line)

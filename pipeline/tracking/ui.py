"""MLflow's own page, on this machine only."""

import os
import socket
import sys
from collections.abc import Callable

from pipeline.records import StanceError
from pipeline.tracking.client import has_store

HOST = "127.0.0.1"
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONWARNINGS": "ignore",  # of its own deprecations
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # else eight idle processes, 240 MB each
}


def open_ui(uri: str, port: int, announce: Callable[[str], None]) -> None:
    """Become MLflow's server; it ends with Ctrl-C.

    Raises:
        StanceError: nothing was logged there yet, or the port is taken.
    """
    if not has_store(uri):
        raise StanceError(f"{uri}: nothing is logged there yet. Run `make run` first, or name the store with --uri")
    _check_free(port)
    announce(f"MLflow comes up at http://{HOST}:{port} within half a minute; Ctrl-C ends it")
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri]
    command += ["--host", HOST, "--port", str(port), "--workers", "1"]
    os.execve(sys.executable, command, {**os.environ, **QUIET})  # noqa: S606 (our own command line)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StanceError(
                f"port {port}: {error.strerror}. Name another: stance ui --port {port + 1}, make ui PORT={port + 1}"
            ) from None

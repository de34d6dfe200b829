"""A connection to Ray: quiet, and refused at once where nothing is there."""

import logging
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.records import StanceError

SECONDS_TO_CONNECT = 10


@contextmanager
def connected(address: str | None, block_bytes: int) -> Iterator[Any]:
    """Ray, which tells nobody of its use, and gives data in order; begun here without an address, and then ended here.

    Raises:
        StanceError: it is not installed, or not to be reached.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # as it will be in all versions to come
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # it calls how Ray Data starts its own workers an error
    try:
        import ray
        import ray.data
    except ImportError:
        raise StanceError("--engine ray: Ray is not installed. pip install 'stance-pipeline[ray]'") from None
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    begun_here = not ray.is_initialized()
    if begun_here:
        _check_reachable(address)
        try:
            with _silent():
                ray.init(address, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise _no_ray(address, (str(error) or type(error).__name__).splitlines()[0]) from None
    try:
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.execution_options.preserve_order = True
        context.target_max_block_size = block_bytes
        yield ray
    finally:
        if begun_here:
            ray.shutdown()


def _check_reachable(address: str | None) -> None:
    """Make sure that something is there: Ray itself would go on trying for many minutes.

    Raises:
        StanceError: nothing is there, or it is not an address.
    """
    if address in {None, "auto", "local"}:
        return
    host, _, port = str(address).removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise _no_ray(address, "that is no HOST:PORT")
    try:
        socket.create_connection((host, int(port)), timeout=SECONDS_TO_CONNECT).close()
    except (OSError, OverflowError) as error:  # OverflowError: of a port too large
        raise _no_ray(address, str(error)) from None


def _no_ray(address: str | None, found: str) -> StanceError:
    return StanceError(
        f"--ray-address {address}: no Ray there: {found}. Start it with `ray start --head`, and name its address, as "
        "10.0.0.1:6379"
    )


@contextmanager
def _silent() -> Iterator[None]:
    """Ray's core writes what it does to the screen while it starts."""
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def without_its_warnings() -> Iterator[None]:
    """Ray warns of what it does itself, and of inputs too short for all workers."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        warnings.filterwarnings("ignore", "The minimum number of concurrent actors", UserWarning)
        yield

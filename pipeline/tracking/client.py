"""MLflow, connected: the store and the experiment, or a clear word about why not."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pipeline.config.track import TrackConfig
from pipeline.records import StanceError

LOCAL = "sqlite:///"
DEFAULT_URI = f"{LOCAL}mlflow.db"
_SECRETS = ((re.compile(r"(://[^:/@]*:).*@"), r"\1***@"), (re.compile(r"([?&](?:password|token)=)[^&]*"), r"\1***"))


def connect(uri: str) -> Any:
    """A client of the tracking store, which is also set as this process's store.

    Raises:
        StanceError: the store is of a kind that MLflow has closed.
    """
    if uri.startswith("file:") or "://" not in uri:
        raise StanceError(f"track.uri: {uri}: MLflow no longer writes to folders. Use {DEFAULT_URI}, or a server")
    mlflow = quiet_mlflow()
    mlflow.set_tracking_uri(absolute(uri))
    mlflow.set_registry_uri(absolute(uri))
    return mlflow.MlflowClient()


def absolute(uri: str) -> str:
    """The store with the whole path of its file: MLflow goes by the text, whatever folder it is called from later."""
    return f"{LOCAL}{Path(uri.removeprefix(LOCAL)).resolve()}" if uri.startswith(LOCAL) else uri


def quiet_mlflow() -> Any:
    """The mlflow module, which sends nothing anywhere and keeps its log to itself."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # a server that is down is told in seconds
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import mlflow

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # errors are raised, and told once
    return mlflow


def experiment_id(client: Any, config: TrackConfig) -> str:
    """The configured experiment, made if it is not there yet."""
    place = Path(config.artifacts).resolve().as_uri() if config.uri.startswith(LOCAL) else None
    found = client.get_experiment_by_name(config.experiment)
    if found is None:
        return str(client.create_experiment(config.experiment, artifact_location=place))
    kept_in = _path(found.artifact_location)
    if place is not None and kept_in is not None and kept_in != Path(config.artifacts).resolve():
        raise StanceError(
            f"track.artifacts: {config.artifacts}: experiment {config.experiment} keeps its artifacts in {kept_in}, "
            "and MLflow cannot move them. Name another track.experiment, or that folder"
        )
    return str(found.experiment_id)


def _path(location: str) -> Path | None:
    """The folder that an experiment's artifacts lie in; None where they lie on no disk of this machine."""
    parts = urlsplit(location)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path)).resolve()
    return Path(location).resolve() if not parts.scheme else None


def has_store(uri: str) -> bool:
    """Whether a local store is still there; of a server it is taken on trust."""
    return not uri.startswith(LOCAL) or Path(uri.removeprefix(LOCAL).partition("?")[0]).is_file()


def shown(uri: str) -> str:
    """The store's address without the password in it."""
    for pattern, masked in _SECRETS:
        uri = pattern.sub(masked, uri)
    return uri


@contextmanager
def clear_errors(uri: str) -> Iterator[None]:
    """Turn what MLflow raises into a user's error.

    Raises:
        StanceError: the store cannot be reached or does not answer as it should.
    """
    try:
        yield
    except StanceError:
        raise
    except Exception as error:  # noqa: BLE001 (MLflow lets through what databases and servers raise)
        raise StanceError(
            f"track: {shown(uri)}: {cause(error)}. Mend the store, name another with track.uri, or leave it out with "
            "--set track.enabled=false"
        ) from None


def cause(error: Exception) -> str:
    """What an error of MLflow says, in one line without a full stop; the database's own words where it has some."""
    lines = [line.strip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and not line.startswith("(raised as a result of")]
    return (telling or [type(error).__name__])[0].rstrip(".")

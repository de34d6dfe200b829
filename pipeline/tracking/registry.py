"""Registered models: fetching one, and which version the aliases `candidate` and `champion` point at."""

import os
from pathlib import Path
from typing import Any

from pipeline.models.saved import CARD_FILE
from pipeline.records import StanceError
from pipeline.tracking.client import DEFAULT_URI, cause, connect, has_store, quiet_mlflow, shown

CANDIDATE, CHAMPION = "candidate", "champion"  # the newest version, and the one that is used


def fetch(uri: str) -> Path:
    """The folder of a saved model that MLflow holds; a remote one is downloaded.

    Raises:
        StanceError: there is no store, no such model, or the model is not one of this pipeline.
    """
    store = os.environ.get("MLFLOW_TRACKING_URI", DEFAULT_URI)
    if not has_store(store):
        raise StanceError(
            f"{uri}: there is no MLflow store at {shown(store)}. Call from the folder that holds mlflow.db, or set "
            "MLFLOW_TRACKING_URI"
        )
    try:
        connect(store)
        place = Path(quiet_mlflow().artifacts.download_artifacts(artifact_uri=uri))
    except StanceError:
        raise
    except Exception as error:  # noqa: BLE001 (MLflow lets through what databases and servers raise)
        raise StanceError(
            f"{uri}: {shown(store)} does not give it: {cause(error)}. See its models with `stance ui`"
        ) from None
    cards = sorted(place.rglob(CARD_FILE))
    if not cards:
        raise StanceError(f"{uri}: holds no model of this pipeline: no {CARD_FILE} in it. Name another model")
    return cards[0].parent


def holds(client: Any, run_id: str, name: str, version: str) -> bool:
    """Whether a run and a version of a registered model are there, and not deleted."""
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode

    try:
        is_active = client.get_run(run_id).info.lifecycle_stage == "active"
        client.get_model_version(name, version)
    except MlflowException as error:
        if error.error_code == ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
            return False
        raise
    return bool(is_active)


def set_aliases(client: Any, name: str, version: str) -> str:
    """Point `candidate` at a version, and `champion` too where there is none yet; why not, where there is one."""
    client.set_registered_model_alias(name, CANDIDATE, version)
    champion = client.get_registered_model(name).aliases.get(CHAMPION)
    if champion is None:
        client.set_registered_model_alias(name, CHAMPION, version)
        return ""
    return "" if str(champion) == str(version) else f"champion stays version {champion} until `stance promote`"

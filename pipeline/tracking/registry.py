"""Registered models: fetching one, and which version the aliases `candidate` and `champion` point at."""

import os
from pathlib import Path
from typing import Any

from pipeline.models.saved import CARD_FILE
from pipeline.records import StanceError
from pipeline.tracking.client import DEFAULT_URI, cause, connect, has_store, quiet_mlflow, shown

SCORE_TAG = "validation_macro_f1"
DATA_TAG = "data"
CHOSEN_TAG = "champion_by_validation"  # of the registered model: the version that was chosen last


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


def set_aliases(client: Any, name: str, version: str, *, score: float, data: str) -> str:
    """Point `candidate` at a version, and `champion` too where the validation part says so; why not, where it does not.

    The first version becomes champion. A later one does if the same data chose the present one and its validation
    macro-F1 is higher; a champion that a person set is never moved.
    """
    for tag, value in ((SCORE_TAG, repr(score)), (DATA_TAG, data)):
        client.set_model_version_tag(name, version, tag, value)
    client.set_registered_model_alias(name, "candidate", version)
    reason = _why_champion_stays(client, name, score, data)
    if not reason:
        client.set_registered_model_tag(name, CHOSEN_TAG, version)
        client.set_registered_model_alias(name, "champion", version)
    return reason


def _why_champion_stays(client: Any, name: str, score: float, data: str) -> str:
    """Why another version stays champion; empty where there is none, or none that does as well."""
    registered = client.get_registered_model(name)
    if "champion" not in registered.aliases:
        return ""
    champion = client.get_model_version_by_alias(name, "champion")
    stays = f"champion stays version {champion.version}"
    if registered.tags.get(CHOSEN_TAG) != str(champion.version):
        return f"{stays}, which a person chose"
    if champion.tags.get(DATA_TAG) != data:
        return f"{stays}, chosen on other data, so that figures do not compare: move the alias in MLflow if you like"
    known = float(champion.tags[SCORE_TAG])
    return "" if score > known else f"{stays}, whose validation macro-F1 is {known:.3f}"

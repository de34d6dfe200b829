"""A trained model from a folder or from the registry."""

from pathlib import Path

from pipeline.models.contract import StanceModel

REMOTE = ("models:/", "runs:/", "mlflow-artifacts:/")


def load_model(place: str | Path, device: str = "auto") -> StanceModel:
    """The model in a folder, or in MLflow, ready to predict.

    >>> model = load_model("runs/transformer/model")  # doctest: +SKIP
    >>> model.predict(["We will answer any attack."])[0].label  # doctest: +SKIP
    'warning'

    Args:
        place: a folder such as ``runs/transformer/model``, or a URI such as ``models:/stance@champion``. MLflow is
            asked at ``MLFLOW_TRACKING_URI``, else at ``sqlite:///mlflow.db`` in the current folder.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Raises:
        StanceError: there is no such model, a file of it is missing or changed, or the device is absent.
    """
    from pipeline.models.saved import load_saved

    return load_saved(folder_of(place), device)


def folder_of(place: str | Path) -> Path:
    """The folder that a place names; one in MLflow is fetched.

    Raises:
        StanceError: MLflow has no such model.
    """
    name = str(place)
    if name.startswith(REMOTE):
        from pipeline.tracking.registry import fetch  # MLflow is loaded for these only

        return fetch(name)
    return Path(name)

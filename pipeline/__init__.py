"""Stance of sentences in diplomatic and political text.

The public face is three names::

    from pipeline import load_model

    model = load_model("runs/transformer/model", device="auto")
    model.predict(["We will answer any attack."])  # [Prediction(label='warning', score=…, …)]

Importing this package loads none of torch, transformers, datasets or mlflow.
"""

from typing import TYPE_CHECKING

from pipeline.records import Prediction

if TYPE_CHECKING:
    from pipeline.models.contract import StanceModel
    from pipeline.predict.load import load_model

__all__ = ["Prediction", "StanceModel", "load_model"]


def __getattr__(name: str) -> object:
    """Import what needs numpy or more only when it is asked for."""
    if name == "load_model":
        from pipeline.predict.load import load_model

        return load_model
    if name == "StanceModel":
        from pipeline.models.contract import StanceModel

        return StanceModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

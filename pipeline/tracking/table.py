"""Sentences out of whatever MLflow hands over, predictions into a table."""

from collections.abc import Sequence
from typing import Any

import pandas

from pipeline.models.contract import checked
from pipeline.records import Prediction


def texts_in(model_input: Any) -> list[str]:
    """The sentences of a table (column `text`, or its only column), a column or a list."""
    if isinstance(model_input, pandas.DataFrame):
        column = "text" if "text" in model_input.columns else model_input.columns[0]
        return checked(model_input[column].tolist())
    return checked(list(model_input))


def as_table(predictions: Sequence[Prediction]) -> pandas.DataFrame:
    """Predictions as a table."""
    return pandas.DataFrame([_row(prediction) for prediction in predictions])


def _row(prediction: Prediction) -> dict[str, Any]:
    probabilities = {f"p_{name}": value for name, value in prediction.probabilities.items()}
    return {
        "label": prediction.label,
        "score": prediction.score,
        "abstain": prediction.abstain,
        **probabilities,
    }

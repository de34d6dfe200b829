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
    rows = [
        {"label": p.label, "score": p.score, **{f"p_{name}": value for name, value in p.probabilities.items()}}
        for p in predictions
    ]
    return pandas.DataFrame(rows)

"""The MLflow model itself. MLflow runs this file when it loads one ("models from code"): nothing is unpickled."""

from pathlib import Path
from typing import Any

import mlflow
import pandas

from pipeline.models.saved import load_saved
from pipeline.tracking.table import as_table, texts_in


class StancePyfunc(mlflow.pyfunc.PythonModel):
    """Answers a table with a `text` column, or a list of sentences, with a table of predictions."""

    def load_context(self, context: Any) -> None:
        """Load the saved model that lies beside this file."""
        self._model = load_saved(Path(context.artifacts["model"]), "auto")

    def predict(
        self, context: Any, model_input: pandas.DataFrame, params: dict[str, Any] | None = None
    ) -> pandas.DataFrame:
        """A row a sentence: `label`, `score`, `abstain`, and `p_<label>` for each label."""
        return as_table(self._model.predict(texts_in(model_input)))


mlflow.models.set_model(StancePyfunc())

"""A saved model as an MLflow model: from code, with signature and example, without pickle."""

import io
import warnings
from contextlib import redirect_stderr
from pathlib import Path

from pipeline.config.track import TrackConfig
from pipeline.store import fingerprint
from pipeline.tracking.client import quiet_mlflow

CODE = Path(__file__).parent / "pyfunc.py"
PACKAGE = Path(__file__).parent.parent
NEEDED = (  # what predicting needs; the versions are those that made the model
    "mlflow", "numpy", "pandas", "torch", "transformers", "tokenizers", "safetensors", "scikit-learn",
    "pydantic", "ruamel.yaml", "filelock",
)  # fmt: skip


def log_model(config: TrackConfig, run_id: str, model_dir: Path, example: list[str]) -> str:
    """Log the model to a run and register it; its version comes back."""
    mlflow = quiet_mlflow()
    import pandas
    from mlflow.models import infer_signature

    from pipeline.models.saved import load_saved
    from pipeline.tracking.table import as_table

    table = pandas.DataFrame({"text": example})
    answers = as_table(load_saved(model_dir, "cpu").predict(example))
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()):  # mlflow says much about its own habits
        warnings.simplefilter("ignore")
        with mlflow.start_run(run_id=run_id):
            logged = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(CODE),
                artifacts={"model": str(model_dir)},
                code_paths=[str(PACKAGE)],
                signature=infer_signature(table, answers),
                input_example=table,
                pip_requirements=requirements(),
                registered_model_name=config.registered_model,
            )
    return str(logged.registered_model_version)


def requirements() -> list[str]:
    """What a server of the model installs, with versions; a build's own suffix is left out."""
    return [f"{name}=={version.partition('+')[0]}" for name, version in fingerprint.of_libraries(NEEDED).items()]

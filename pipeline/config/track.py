"""The `track` section: where runs are logged."""

from pydantic import Field

from pipeline.config.base import Section


class TrackConfig(Section):
    """A run to MLflow."""

    enabled: bool = Field(True, description="false: nothing is logged, and MLflow is not loaded.")
    uri: str = Field("sqlite:///mlflow.db", description="MLflow tracking store: a database or a server.")
    artifacts: str = Field("mlruns", description="Folder for models and pictures, when the store is a local database.")
    experiment: str = Field("stance", description="MLflow experiment that the runs belong to.")
    registered_model: str = Field("stance", description="Name in the model registry; aliases: candidate, champion.")

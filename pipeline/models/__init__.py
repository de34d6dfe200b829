"""Models: one contract, a file or folder a kind. A new kind is a line in `KINDS`, a settings class and a class."""

from importlib import import_module

from pipeline.config.train import TrainConfig
from pipeline.countries.masking import Masker
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.records import StanceError

KINDS = {
    "baseline": "pipeline.models.baseline:BaselineModel",
    "static": "pipeline.models.static:StaticEmbeddingModel",
    "embedding": "pipeline.models.transformer.embedding:EmbeddingModel",
    "transformer": "pipeline.models.transformer:TransformerModel",
    "cascade": "pipeline.models.cascade:CascadeModel",
    "exported": "pipeline.models.exported:ExportedModel",
}

__all__ = ["KINDS", "LabelSet", "StanceModel", "make_model", "model_class"]


def model_class(kind: str) -> type[StanceModel]:
    """The class of a kind of model; what it needs is imported only now.

    Raises:
        StanceError: what it needs is not installed.
    """
    module, _, name = KINDS[kind].partition(":")
    try:
        found: type[StanceModel] = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        extra = "serve" if kind == "exported" else "train"
        raise StanceError(
            f"a model of kind {kind} needs {error.name}, which is not installed. pip install 'stance-pipeline[{extra}]'"
        ) from None
    return found


def make_model(config: TrainConfig, labels: LabelSet, *, seed: int, device: str) -> StanceModel:
    """A model that has learned nothing yet.

    Raises:
        StanceError: the device, or the precision that the config asks for, is not to be had here; or the table of
            states cannot be read.
    """
    model = model_class(config.kind)(config, labels, seed=seed, device=device)
    if config.mask_countries is not None:
        model.masker = Masker(config.mask_countries)
    return model

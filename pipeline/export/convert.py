"""A trained transformer and its graph to an exported model."""

from pathlib import Path

from pipeline.config.exported import ExportedSettings
from pipeline.export.formats import Form
from pipeline.models.exported import TOKENIZER_FILE, ExportedModel
from pipeline.models.transformer import TransformerModel


def converted(model: TransformerModel, form: Form, graph: Path, folder: Path) -> ExportedModel:
    """The model in one form, its files in a folder.

    Args:
        model: trained.
        form: to give it.
        graph: the file that `write_graph` made of its network.
        folder: to make.
    """
    folder.mkdir()
    form.write(graph, folder)
    model.tokenizer_.backend_tokenizer.save(str(folder / TOKENIZER_FILE))
    settings = ExportedSettings(
        runtime=form.runtime,
        precision=form.precision,
        max_length=model.config.max_length,
        pad_token=model.tokenizer_.pad_token_id,
        trained=model.config.model_dump(mode="json"),
    )
    made = ExportedModel.load(folder, settings, model.labels, seed=model.seed, device="cpu")
    made.calibration, made.abstention, made.masker = model.calibration, model.abstention, model.masker
    return made

"""What a trained model of ours says of sentences."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.labeling.annotators.answers import Answer, Progress
from pipeline.models.contract import BATCH_SIZE, StanceModel
from pipeline.records import StanceError

REGISTERED = "models:/"
TRAINING = "training"  # and -SEED: a folder in a run's, with the model before calibration
MODEL_FOLDER, EXPORT_FOLDER = "model", "exported"  # what they are called in a run's folder


def annotator_of(place: str) -> str:
    """What a model is called by where it lies.

    >>> annotator_of("runs/fast/model"), annotator_of("runs/fast/exported"), annotator_of("models:/stance@champion")
    ('fast', 'fast-exported', 'stance@champion')
    >>> annotator_of("models:/stance/3"), annotator_of("runs/fast/training/model")
    ('stance-3', 'fast')
    """
    if place.startswith(REGISTERED):
        return place.removeprefix(REGISTERED).strip("/").replace("/", "-")
    path = Path(place) if ":/" in place else Path(place).resolve()
    if path.name == MODEL_FOLDER:
        return path.parents[1].name if path.parent.name.startswith(TRAINING) else path.parent.name
    return f"{path.parent.name}-{path.name}" if path.name == EXPORT_FOLDER else path.name


def ask_trained(model: StanceModel, texts: Sequence[str], progress: Progress) -> list[Answer]:
    """The model's label of each text, with its probability; also where the model would rather abstain."""
    answers: list[Answer] = []
    size = BATCH_SIZE * model.window_batches
    for start in range(0, len(texts), size):
        found = model.predict(texts[start : start + size])
        answers += [Answer(prediction.label, prediction.score) for prediction in found]
        progress(len(answers))
    return answers


def check_labels(model: StanceModel, labels: Sequence[str], place: str) -> None:
    """Make sure that a model answers with labels of the codebook.

    Raises:
        StanceError: it has another one.
    """
    if not set(model.labels.all) <= set(labels):
        raise StanceError(
            f"{place}: its labels are {', '.join(model.labels.all)}, and the codebook's are {', '.join(labels)}. Take "
            "a model of these labels, or name its codebook: --codebook"
        )

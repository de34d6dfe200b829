"""What the validation part chooses by."""

from collections.abc import Sequence

from pipeline.models.contract import LabelSet
from pipeline.records import Example, StanceError


def macro_f1(true: Sequence[str], predicted: Sequence[str], labels: LabelSet) -> float:
    """Mean F1 of the stances, 0 to 1; the background counts through false positives and negatives."""
    from sklearn.metrics import f1_score

    return float(f1_score(true, predicted, labels=list(labels.stances), average="macro", zero_division=0.0))


def check_trainable(train: Sequence[Example], labels: LabelSet) -> None:
    """Make sure that every label has an example to learn from.

    Raises:
        StanceError: one has none.
    """
    found = {example.label for example in train}
    missing = [label for label in labels.all if label not in found]
    if missing:
        raise StanceError(
            f"train: no training example of {', '.join(missing)}. Label some, or take the label out of the config"
        )

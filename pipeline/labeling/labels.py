"""A codebook's labels as models and figures take them."""

from pipeline.codebook import Codebook
from pipeline.models import LabelSet


def label_set(codebook: Codebook) -> LabelSet:
    """The stances in the codebook's order, and the background."""
    stances = tuple(label for label in codebook.labels if label != codebook.background)
    return LabelSet(stances, codebook.background)

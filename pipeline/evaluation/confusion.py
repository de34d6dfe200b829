"""Counts of true against predicted labels, a document each, and F1 of them."""

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.bootstrap import Places, sums_by_document

Counts = NDArray[np.float64]


def confusion_by_document(documents: Places, true: Places, predicted: Places, n_labels: int) -> Counts:
    """Counts a document, (n_documents, n_labels, n_labels): rows by true label, columns by predicted."""
    cells = np.eye(n_labels * n_labels)[true * n_labels + predicted]
    return sums_by_document(documents, cells).reshape(-1, n_labels, n_labels)


def f1(confusion: Counts) -> NDArray[np.float64]:
    """F1 a label, (…, n_labels), of counts, (…, n_labels, n_labels); 0 where a label is neither there nor predicted."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    return ratio(2 * hits, confusion.sum(axis=-1) + confusion.sum(axis=-2))


def ratio(part: Counts, whole: Counts) -> NDArray[np.float64]:
    """Part by part; 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)

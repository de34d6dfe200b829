"""Pictures of an evaluation."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from pipeline.evaluation.metrics import Evaluation

DARK = 0.55  # share of a row above which its number is written in white


def draw_confusion(evaluation: Evaluation, path: Path) -> None:
    """Draw what was taken for what: counts, shaded by the share of the true label's sentences."""
    names = list(evaluation.by_label)
    counts = np.array(evaluation.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = 2.4 + 0.95 * len(names)
    figure = Figure(figsize=(size + 0.6, size), layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row in range(len(names)):
        for column in range(len(names)):
            color = "white" if shares[row, column] > DARK else "black"
            text = f"{counts[row, column]}\n{shares[row, column]:.0%}"
            axes.text(column, row, text, ha="center", va="center", color=color, fontsize=10)
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), [f"{name}\n(n = {evaluation.by_label[name].support})" for name in names])
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(
        f"{evaluation.name}: macro-F1 {evaluation.macro_f1}\n"
        f"{evaluation.n_sentences} sentences, {evaluation.n_documents} documents",
        fontsize=11,
    )
    figure.colorbar(image, ax=axes, shrink=0.8, label="share of the true label")
    figure.savefig(path, dpi=140, metadata={"Software": None})

"""A picture of what annotators take for what, a panel a pair."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from pipeline.labeling.agreement import Agreement, PairAgreement
from pipeline.records import StanceError
from pipeline.store.atomic import atomic_file

SUFFIXES = (".png", ".svg", ".pdf")
MOST = 6  # pairs: those with the most sentences
COLUMNS = 3
DARK = 0.55  # share of a row above which its number is written in white


def draw_agreement(found: Agreement, path: Path) -> None:
    """Draw the pairs with the most sentences in common: counts, shaded by the share of the row.

    Raises:
        StanceError: the file is to be of a kind that is not drawn.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise StanceError(f"{path}: pictures are drawn as {', '.join(SUFFIXES)}. Name one of these")
    pairs = sorted(found.pairs, key=lambda pair: -pair.n_sentences)[:MOST]
    n_columns = min(COLUMNS, len(pairs))
    size = 1.9 + 0.62 * len(found.labels)
    figure = Figure(figsize=(size * n_columns, size * ceil(len(pairs) / n_columns) + 0.5), layout="constrained")
    panels = figure.subplots(ceil(len(pairs) / n_columns), n_columns, squeeze=False).ravel().tolist()
    for axes, pair in zip(panels, pairs, strict=False):
        _draw(axes, pair, found.labels)
    for axes in panels[len(pairs) :]:
        axes.axis("off")
    alpha = "" if found.alpha is None else f"Krippendorff's alpha {found.alpha:.3f}; shaded by the share of the row"
    left = len(found.pairs) - len(pairs)
    more = f" ({left} more pairs not shown)" if left else ""
    figure.suptitle(f"{found.n_sentences} sentences with two labels or more\n{alpha}{more}", fontsize=10)
    with atomic_file(path) as temporary:
        figure.savefig(temporary, dpi=140, format=path.suffix.lower().removeprefix("."))


def _draw(axes: Any, pair: PairAgreement, labels: Sequence[str]) -> None:
    counts = np.array(pair.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        color = "white" if shares[row, column] > DARK else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=color, fontsize=9)
    axes.set_xticks(range(len(labels)), labels, rotation=30, ha="right", rotation_mode="anchor", fontsize=8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set_ylabel(pair.one)
    axes.set_xlabel(pair.other)
    kappa = "" if pair.kappa is None else f", kappa {pair.kappa:.3f}"
    axes.set_title(f"n = {pair.n_sentences}{kappa}", fontsize=10)

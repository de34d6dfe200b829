"""Pictures of an evaluation."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from pipeline.evaluation.metrics import Evaluation
from pipeline.evaluation.predictions import Predictions
from pipeline.evaluation.reliability import FEW_IN_BIN, N_BINS, Reliability
from pipeline.evaluation.selective import risk_coverage

DARK = 0.55  # share of a row above which its number is written in white
BLUE, RED, GRAY, GREEN = "#2f6db3", "#c0392b", "#8a8f98", "#2e8b57"


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
    _save(figure, path)


def draw_reliability(evaluation: Evaluation, path: Path) -> None:
    """Draw how often sentences of a probability are right, before and after calibration."""
    figure = Figure(figsize=(8.4, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    _reliability(left, evaluation.raw, "as the model gives them")
    _reliability(right, evaluation.calibrated, "calibrated")
    left.set_ylabel("share that is right")
    figure.suptitle(f"{evaluation.name}: what the label's probability is worth", fontsize=11)
    _save(figure, path)


def draw_risk_coverage(evaluation: Evaluation, found: Predictions, path: Path) -> None:
    """Draw the error among the sentences that are kept, as the least sure are left out; and the model's own choice."""
    figure = Figure(figsize=(5.8, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(
        *risk_coverage(found.probabilities.max(axis=1), found.predicted != found.true),
        color=BLUE,
        label="the surest sentences",
    )
    if evaluation.ceiling is not None:
        label = f"one annotator against the rest: {evaluation.ceiling.error:.2g}"
        axes.axhline(evaluation.ceiling.error, color=GREEN, linestyle=":", linewidth=1.5, label=label)
    chosen = evaluation.abstaining
    if chosen is not None and chosen.method == "risk":
        axes.axhline(chosen.max_error, color=GRAY, linestyle="--", linewidth=1, label=f"promised: {chosen.max_error:g}")
        axes.plot([chosen.kept.value], [chosen.error.value], "o", color=RED, label="what the model keeps")
    axes.set_xlim(0, 1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("share of the sentences that is kept")
    axes.set_ylabel("share of them with a wrong label")
    axes.set_title(f"{evaluation.name}: error against coverage", fontsize=11)
    axes.legend(frameon=False, loc="upper left")
    _bare(axes)
    _save(figure, path)


def draw_scores(evaluation: Evaluation, path: Path) -> None:
    """Draw the F1 of each label with its interval, and what one annotator reaches against the rest."""
    names = list(evaluation.by_label)
    figure = Figure(figsize=(6.4, 0.55 * len(names) + 1.6), layout="constrained")
    axes = figure.add_subplot()
    for row, name in enumerate(names):
        f1 = evaluation.by_label[name].f1
        if f1.low is not None and f1.high is not None:
            axes.plot([f1.low, f1.high], [row, row], color=BLUE, alpha=0.35, linewidth=7, solid_capstyle="butt")
        axes.plot([f1.value], [row], "o", color=BLUE, markersize=5)
        axes.annotate(f"{f1.value:.3f}", (1.02, row), va="center", fontsize=9, annotation_clip=False)
    if (ceiling := evaluation.ceiling) is not None:
        for row, name in enumerate(names):
            label = f"one annotator against the rest (macro-F1 {ceiling.macro_f1:.3f})" if row == 0 else None
            axes.plot([ceiling.by_label[name]] * 2, [row - 0.35, row + 0.35], color=GREEN, linewidth=2, label=label)
        figure.legend(loc="outside lower center", frameon=False, fontsize=9)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("F1")
    axes.set_title(f"{evaluation.name}: macro-F1 {evaluation.macro_f1}", fontsize=11)
    _bare(axes)
    _save(figure, path)


def _reliability(axes: Any, found: Reliability, title: str) -> None:
    middles = [(min(int(b.probability * N_BINS), N_BINS - 1) + 0.5) / N_BINS for b in found.bins]
    most = max(b.n for b in found.bins)
    axes.bar(middles, [b.n / most * 0.25 for b in found.bins], width=0.9 / N_BINS, color=GRAY, alpha=0.35)
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle="--", linewidth=1)
    many, few = ([b for b in found.bins if (b.n >= FEW_IN_BIN) is wanted] for wanted in (True, False))
    axes.plot([b.probability for b in many], [b.accuracy for b in many], "o-", color=BLUE, markersize=4)
    axes.plot([b.probability for b in few], [b.accuracy for b in few], "o", color=BLUE, markersize=4, alpha=0.3)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("probability of the label")
    axes.set_title(f"{title}\nECE {found.ece}, Brier {found.brier.value:.3f}", fontsize=10)
    axes.text(0.02, 0.27, "sentences", color=GRAY, fontsize=8)
    _bare(axes)


def _bare(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=140, metadata={"Software": None})

"""The trials of a search, drawn."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pipeline.store.atomic import atomic_file
from pipeline.tune.study import Found


def draw(found: Found, path: Path) -> None:
    """Macro-F1 of every trial in order, with its folds, and the best so far."""
    figure = Figure(figsize=(8.0, 4.4), layout="constrained")
    axes = figure.subplots()
    whole = [trial for trial in found.trials if trial.is_whole]
    given_up = [trial for trial in found.trials if not trial.is_whole]
    for trial in whole:
        axes.vlines(trial.number, min(trial.scores), max(trial.scores), color="#9db4c8", linewidth=3, zorder=1)
    axes.scatter(
        [t.number for t in whole], [t.score for t in whole], color="#1f4e79", zorder=3, label="mean of the folds"
    )
    if given_up:
        axes.scatter(
            [t.number for t in given_up],
            [t.score for t in given_up],
            color="#b0b0b0",
            marker="x",
            zorder=2,
            label="given up",
        )
    steps = np.maximum.accumulate([trial.score for trial in whole])
    axes.step([t.number for t in whole], steps, where="post", color="#c0504d", linewidth=1.5, label="best so far")
    axes.set_xlabel("trial")
    axes.set_ylabel("macro-F1 of held-out folds")
    axes.set_title(
        f"{len(found.trials)} trials, {found.n_folds} folds: best {found.best.score:.3f} (trial {found.best.number})"
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.legend(loc="lower right", frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=140)

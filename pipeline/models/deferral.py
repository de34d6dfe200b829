"""When a fast model may answer for a careful one: how sure it has to be of each label."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEVER = 1.1  # no probability is as high
N_STEPS = 100  # from never to always, a label, at most
STRIDES = (2, 5, 10)  # steps at once
LEAST_LOSS = 2e-4  # below this all losses count alike

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """Sentences that both models have answered, labels by their place, the background last.

    Attributes:
        fast: probabilities of the fast model, (n_sentences, n_labels).
        careful: labels of the careful one, (n_sentences,).
        true: labels, (n_sentences,).
    """

    fast: NDArray[np.float64]
    careful: Places
    true: Places

    def loss(self, thresholds: NDArray[np.float64]) -> float:
        """Macro-F1 over the stances of the careful model alone, less that of both together."""
        together = np.where(is_sure(self.fast, thresholds), self.fast.argmax(axis=1), self.careful)
        return self._macro_f1(self.careful) - self._macro_f1(together)

    def share(self, thresholds: NDArray[np.float64]) -> float:
        """Of the sentences, what the fast model answers."""
        return float(is_sure(self.fast, thresholds).mean())

    def _macro_f1(self, said: Places) -> float:
        stances = range(self.fast.shape[1] - 1)
        both = [np.count_nonzero((said == one) & (self.true == one)) for one in stances]
        either = [np.count_nonzero(said == one) + np.count_nonzero(self.true == one) for one in stances]
        return float(np.mean([2 * hits / max(1.0, float(n)) for hits, n in zip(both, either, strict=True)]))


def is_sure(fast: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each row's most probable label, of (n_sentences, n_labels), is as probable as that label's threshold."""
    sure: NDArray[np.bool_] = fast.max(axis=1, initial=0.0) >= thresholds[fast.argmax(axis=1)]
    return sure


def choose_thresholds(judged: Judged, max_loss: float) -> NDArray[np.float64]:
    """A threshold a label, (n_labels,), with which little is lost and much is answered fast.

    One is lowered after the other, each time the one that gains the most sentences for what it loses, as long as no
    more than `max_loss` is lost in all.
    """
    said, sure = judged.fast.argmax(axis=1), judged.fast.max(axis=1)
    steps = [_between(sure[said == place]) for place in range(judged.fast.shape[1])]
    at = [0] * len(steps)
    while True:
        found = _best_step(judged, steps, at, max_loss)
        if found is None:
            return _at(steps, at)
        at = found


def _best_step(judged: Judged, steps: list[NDArray[np.float64]], at: list[int], max_loss: float) -> list[int] | None:
    now, lost = judged.share(_at(steps, at)), judged.loss(_at(steps, at))
    best: tuple[float, list[int]] | None = None
    for place in range(len(steps)):
        for stride in STRIDES:
            tried = list(at)
            tried[place] = min(len(steps[place]) - 1, at[place] + stride)
            share, loss = judged.share(_at(steps, tried)), judged.loss(_at(steps, tried))
            if share <= now or loss > max_loss:
                continue
            worth = (share - now) / (max(loss - lost, 0.0) + LEAST_LOSS)
            if best is None or worth > best[0]:
                best = worth, tried
    return None if best is None else best[1]


def _between(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Thresholds from never to always, each between two probabilities that occur: no rounding turns a sentence over."""
    values = np.unique(probabilities)[::-1]
    middles = np.append((values[:-1] + values[1:]) / 2, 0.0)
    chosen = np.unique(np.linspace(0, len(middles) - 1, N_STEPS).astype(np.int64))
    return np.array([NEVER, *middles[chosen]])


def _at(steps: list[NDArray[np.float64]], at: list[int]) -> NDArray[np.float64]:
    return np.array([own[step] for own, step in zip(steps, at, strict=True)])

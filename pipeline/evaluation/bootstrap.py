"""Resampling documents, not sentences: sentences of one document are not independent."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_CELLS = 10_000_000  # of the table of draws that is in memory at once: 160 MB

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Estimate:
    """A figure and its interval; no interval where there is a single document."""

    value: float
    low: float | None
    high: float | None

    def __str__(self) -> str:
        interval = "" if self.low is None or self.high is None else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.value:.3f}{interval}"

    def short(self) -> str:
        """The same with the interval to two decimals."""
        interval = "" if self.low is None or self.high is None else f" [{self.low:.2f}, {self.high:.2f}]"
        return f"{self.value:.3f}{interval}"


def estimate(value: float, draws: NDArray[np.float64], confidence: float, n_documents: int) -> Estimate:
    """The value with its percentile interval (Efron 1979), expanded for few documents (Hesterberg 2015).

    Percentiles alone are too narrow by sqrt((n - 1) / n), and know nothing of how uncertain the spread of a small
    sample is; so those are taken that Student's distribution (1908) asks for.

    Args:
        value: on the whole set.
        draws: on each draw of documents, (n_draws,); may be none.
        confidence: coverage of the interval.
        n_documents: that were drawn from.
    """
    from scipy.special import ndtr, stdtrit

    if len(draws) == 0:
        return Estimate(float(value), None, None)
    scale = np.sqrt(n_documents / (n_documents - 1))
    tail = float(ndtr(-scale * stdtrit(n_documents - 1, (1 + confidence) / 2)))
    low, high = np.quantile(draws, [tail, 1 - tail])
    return Estimate(float(value), float(low), float(high))


def numbered(names: Sequence[str]) -> Places:
    """Each name as a number from 0, in the order of their first places, (n_sentences,)."""
    number = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], dtype=np.intp)


def sums_by_document(documents: Places, figures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of the figures of each document's sentences, (n_documents, …), of figures, (n_sentences, …).

    Documents are numbers from 0, (n_sentences,).
    """
    sums = np.zeros((int(documents.max()) + 1, *figures.shape[1:]))
    np.add.at(sums, documents, figures)
    return sums


def resampled(by_document: NDArray[np.float64], n_draws: int, seed: int) -> NDArray[np.float64]:
    """Sums over the documents of each draw, (n_draws, …), of sums a document, (n_documents, …); none of one document.

    A draw takes as many documents as there are, with replacement (the cluster bootstrap, Field and Welsh 2007); how
    often it took each is multinomial, so that all draws are one matrix product. The same seed and number of documents
    give the same draws, so that figures of two models on one set can be compared draw by draw.
    """
    n_documents, *shape = by_document.shape
    if n_documents == 1:
        return np.empty((0, *shape))
    even = np.full(n_documents, 1 / n_documents)
    rng, counts = np.random.default_rng(seed), by_document.reshape(n_documents, -1)
    at_once = max(1, MOST_CELLS // n_documents)
    sizes = [min(at_once, n_draws - start) for start in range(0, n_draws, at_once)]
    flat = [rng.multinomial(n_documents, even, size=size).astype(np.float64) @ counts for size in sizes]
    return np.concatenate(flat).reshape(n_draws, *shape)


def over_seeds(
    values: NDArray[np.float64], draws: NDArray[np.float64], seed: int | Sequence[int]
) -> NDArray[np.float64]:
    """Draws of the mean over trainings, (n_draws,), with the variance that comes from their seeds.

    The trainings are a sample, too, and a small one: each draw adds the standard error of their mean times a variate of
    Student's distribution. Trainings differ by their seeds, and by the chance with which they err on the sentences at
    hand. The draws show how much that chance comes to; it is in them already, and is taken out of the error.

    Args:
        values: figure of each training on the whole set, (n_seeds,).
        draws: the same on each draw of documents, (n_draws, n_seeds).
        seed: of the order of the variates, which are the quantiles themselves, so that both tails are alike.
    """
    from scipy.special import stdtrit

    n_draws, n_seeds = draws.shape
    means: NDArray[np.float64] = draws.mean(axis=1)
    if n_seeds == 1 or n_draws == 0:
        return means
    by_chance = (draws - draws.mean(axis=0)).var(axis=1, ddof=1).mean()
    error = np.sqrt(max(values.var(ddof=1) - by_chance, 0.0) / n_seeds)
    variates = stdtrit(n_seeds - 1, (np.arange(n_draws) + 0.5) / n_draws)
    found: NDArray[np.float64] = means + error * np.random.default_rng(seed).permutation(variates)
    return found

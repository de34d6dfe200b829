"""Whether a model reads the sentence or the name of the state: states trade places, and nothing else changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.countries import Gazetteer, Swapper
from pipeline.evaluation.behavior.shares import wilson
from pipeline.evaluation.bootstrap import Estimate, estimate, numbered, resampled, sums_by_document
from pipeline.evaluation.predictions import in_chunks
from pipeline.models.contract import StanceModel
from pipeline.records import Example


@dataclass(frozen=True)
class Swap:
    """A sentence with other states in it."""

    place: int
    text: str
    countries: tuple[str, ...]


@dataclass(frozen=True)
class CountryRate:
    """Swaps that put this state in.

    Attributes:
        n: how many.
        n_flipped: how many changed the label.
        low: lower end of the interval of that share (Wilson 1927); those of all states hold together (Bonferroni), if
            swaps are independent.
        high: upper end.
        change: mean absolute change of the probability that the first label had.
    """

    n: int
    n_flipped: int
    low: float
    high: float
    change: float

    @property
    def share(self) -> float:
        """Share of them that changed the label."""
        return self.n_flipped / self.n


@dataclass(frozen=True)
class Swapped:
    """What swapping comes to.

    Attributes:
        n_sentences: that name a state.
        n_swaps: of them.
        flip_rate: share of the swaps that change the label; draws are of documents.
        change: mean absolute change of the probability that the first label had.
        by_country: the same by the state that was put in.
    """

    n_sentences: int
    n_swaps: int
    flip_rate: Estimate
    change: Estimate
    by_country: dict[str, CountryRate]

    def surely_above(self, share: float) -> list[str]:
        """States whose interval lies above a share."""
        return [name for name, rate in self.by_country.items() if rate.low > share]


def make_swaps(examples: Sequence[Example], gazetteer: Gazetteer, n_each: int, seed: int) -> list[Swap]:
    """Swaps of every sentence that names a state; who speaks and who is spoken to are kept apart."""
    swapper = Swapper(gazetteer, seed)
    swaps = []
    for place, example in enumerate(examples):
        for _ in range(n_each):
            text, countries = swapper.swap(example.text)
            if not countries:
                break
            swaps.append(Swap(place, text, countries))
    return swaps


def measure_swaps(
    model: StanceModel,
    examples: Sequence[Example],
    swaps: Sequence[Swap],
    *,
    n_draws: int,
    confidence: float,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Swapped | None:
    """How often a swap changes the label, and by how much the probability; None where no sentence names a state."""
    if not swaps:
        return None
    places = sorted({swap.place for swap in swaps})
    texts = [examples[place].text for place in places] + [swap.text for swap in swaps]
    rows = np.concatenate(in_chunks(model.predict_proba, texts, progress))
    row_of = {place: number for number, place in enumerate(places)}
    before = rows[[row_of[swap.place] for swap in swaps]]
    after, first = rows[len(places) :], before.argmax(axis=1)
    flipped = after.argmax(axis=1) != first
    each = np.arange(len(swaps))
    change = np.abs(after[each, first] - before[each, first])
    documents = numbered([examples[swap.place].sentence.document for swap in swaps])
    sums = sums_by_document(documents, np.stack([np.ones_like(change), flipped, change], axis=1))
    draws, whole = resampled(sums, n_draws, seed), sums.sum(axis=0)
    return Swapped(
        n_sentences=len(places),
        n_swaps=len(swaps),
        flip_rate=estimate(float(whole[1] / whole[0]), draws[:, 1] / draws[:, 0], confidence, len(sums)),
        change=estimate(float(whole[2] / whole[0]), draws[:, 2] / draws[:, 0], confidence, len(sums)),
        by_country=_by_country(swaps, flipped, change, confidence),
    )


def _by_country(
    swaps: Sequence[Swap], flipped: NDArray[np.bool_], change: NDArray[np.float64], confidence: float
) -> dict[str, CountryRate]:
    names = sorted({name for swap in swaps for name in swap.countries})
    found: dict[str, list[int]] = {name: [] for name in names}
    for number, swap in enumerate(swaps):
        for name in swap.countries:
            found[name].append(number)
    of_each = 1 - (1 - confidence) / len(names)
    return {name: _rate(flipped[of_it], change[of_it], of_each) for name, of_it in found.items()}


def _rate(flipped: NDArray[np.bool_], change: NDArray[np.float64], confidence: float) -> CountryRate:
    low, high = wilson(int(flipped.sum()), len(flipped), confidence)
    return CountryRate(len(flipped), int(flipped.sum()), low, high, float(change.mean()))

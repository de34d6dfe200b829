"""Is an export as right as what it was made of, and faster here?"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.models.contract import StanceModel
from pipeline.models.selection import macro_f1
from pipeline.records import Example

LEAST_AGREEMENT = 0.99
MOST_LOSS = 0.005
ROUNDS = 3
TIMED = 512  # sentences a round


@dataclass(frozen=True)
class Answered:
    """What a model says of the validation part.

    Attributes:
        labels: a place among all labels a sentence, (n_sentences,).
        macro_f1: over the stances, 0 to 1.
    """

    labels: NDArray[np.intp]
    macro_f1: float


@dataclass(frozen=True)
class Verdict:
    """An export beside the model it was made of.

    Attributes:
        agreement: share of the validation part with the same label.
        loss: of macro-F1; below 0: it gained.
        speed: sentences a second.
        speedup: times the model's own sentences a second, in the same minutes.
        size: bytes on disk.
    """

    agreement: float
    loss: float
    speed: float
    speedup: float
    size: int

    @property
    def objections(self) -> list[str]:
        """Why it is refused; none: it is accepted."""
        found = []
        if self.agreement < LEAST_AGREEMENT:
            found.append(f"labels agree on {self.agreement:.2%}, at least {LEAST_AGREEMENT:.0%} are asked for")
        if self.loss > MOST_LOSS:
            found.append(f"macro-F1 falls by {self.loss:.4f}, at most {MOST_LOSS} is allowed")
        if self.speedup <= 1:
            found.append(f"it is not faster here: {self.speedup:.2f} times the model's speed")
        return found


def answered(model: StanceModel, examples: Sequence[Example]) -> Answered:
    """What the model says of labeled sentences."""
    said = model.predict_proba([example.text for example in examples]).argmax(axis=1)
    names = [model.labels.all[place] for place in said]
    return Answered(said, macro_f1([example.label for example in examples], names, model.labels))


def timed(model: StanceModel, export: StanceModel, texts: Sequence[str]) -> tuple[float, float]:
    """Sentences a second of both, each the best of rounds taken in turn, so that other work disturbs them alike."""
    some = [texts[place] for place in np.linspace(0, len(texts) - 1, min(TIMED, len(texts)), dtype=int)]
    best = [0.0, 0.0]
    for number in range(ROUNDS + 1):
        for which, one in enumerate((model, export)):
            began = time.perf_counter()
            one.predict_proba(some)
            if number:  # in the first, what is made at first use is made
                best[which] = max(best[which], len(some) / (time.perf_counter() - began))
    return best[0], best[1]

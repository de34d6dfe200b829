"""Which words of a sentence moved a decision."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.models.contract import StanceModel

WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Effect:
    """A word, from `start` to `end`, and how far it moved the decision toward the label."""

    start: int
    end: int
    value: float


def by_occlusion(model: "StanceModel", texts: list[str], labels: list[str]) -> list[list[Effect]]:
    """How much each word raised a label's probability, -1 to 1: the difference that leaving it out makes.

    Zeiler and Fergus (2014). Words are what white space parts; of a text of one word that word has all the effect.

    Args:
        model: a fitted model.
        texts: sentences.
        labels: a label each.
    """
    words = [list(WORD.finditer(text)) for text in texts]
    without = [
        f"{text[: m.start()]}{text[m.end() :].lstrip()}" for text, w in zip(texts, words, strict=True) for m in w
    ]
    rows = model.predict_proba([*texts, *without])
    places = [model.labels.all.index(label) for label in labels]
    found, at = [], len(texts)
    for number, (matches, place) in enumerate(zip(words, places, strict=True)):
        left = rows[at : at + len(matches), place]
        at += len(matches)
        drops = (rows[number, place] - left).tolist()
        found.append([Effect(m.start(), m.end(), drop) for m, drop in zip(matches, drops, strict=True)])
    return found

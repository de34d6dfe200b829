"""Which words of a sentence moved a decision."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

Proba = Callable[[Sequence[str]], NDArray[np.float64]]
WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Effect:
    """A word, from `start` to `end`, and how far it moved the decision toward the label."""

    start: int
    end: int
    value: float


def by_occlusion(proba: Proba, texts: Sequence[str], places: Sequence[int]) -> list[list[Effect]]:
    """How much each word raised a label's probability, -1 to 1: the difference that leaving it out makes.

    Zeiler and Fergus (2014). Words are what white space parts; of a text of one word that word has all the effect.

    Args:
        proba: gives probabilities, (n_sentences, n_labels), of texts.
        texts: sentences.
        places: of a label each, among the columns.
    """
    words = [list(WORD.finditer(text)) for text in texts]
    without = [
        f"{text[: m.start()]}{text[m.end() :].lstrip()}" for text, w in zip(texts, words, strict=True) for m in w
    ]
    rows = proba([*texts, *without])
    found, at = [], len(texts)
    for number, (matches, place) in enumerate(zip(words, places, strict=True)):
        left = rows[at : at + len(matches), place]
        at += len(matches)
        drops = (rows[number, place] - left).tolist()
        found.append([Effect(m.start(), m.end(), drop) for m, drop in zip(matches, drops, strict=True)])
    return found


def carried_back(effects: list[Effect], seen: str, text: str) -> list[Effect]:
    """Effects of the words of a text as the model saw it, as effects of the words of the text as it was.

    Words that both have keep theirs; what stands for some other words gives them the sum of its own.
    """
    if seen == text:
        return effects
    ours, theirs = ([match.span() for match in WORD.finditer(one)] for one in (text, seen))
    values = {(effect.start, effect.end): effect.value for effect in effects}
    matcher = SequenceMatcher(None, [text[a:b] for a, b in ours], [seen[a:b] for a, b in theirs], autojunk=False)
    found: list[Effect] = []
    for what, i, j, k, m in matcher.get_opcodes():
        if what == "equal":
            found += [Effect(*ours[i + n], values[theirs[k + n]]) for n in range(j - i)]
        elif i < j:
            found.append(Effect(ours[i][0], ours[j - 1][1], sum(values[span] for span in theirs[k:m])))
    return found

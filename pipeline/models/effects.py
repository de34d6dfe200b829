"""Which words of a sentence moved a decision."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.countries.country import Piece

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


def carried_back(effects: Sequence[Effect], pieces: Sequence[Piece], text: str) -> list[Effect]:
    """Effects of the words that a model saw, as effects of the words of the text that the pieces come from.

    Words that one piece stands for are one, with the sum of its effects; none is lost.
    """
    words = [match.span() for match in WORD.finditer(text)]
    found: list[list[float]] = []  # first word, last word, effect
    for effect in effects:
        first, last = _covered(words, *_origin(pieces, effect))
        if found and first <= found[-1][1]:
            found[-1] = [found[-1][0], max(last, found[-1][1]), found[-1][2] + effect.value]
        else:
            found.append([first, last, effect.value])
    return [Effect(words[int(first)][0], words[int(last)][1], value) for first, last, value in found]


def _origin(pieces: Sequence[Piece], effect: Effect) -> tuple[int, int]:
    """Where in the original text a word of the pieces comes from."""
    spans, at = [], 0
    for piece in pieces:
        start, end = max(effect.start - at, 0), min(effect.end - at, len(piece.text))
        if start < end:
            inside = (piece.start + start, min(piece.start + end, piece.end))
            spans.append((piece.start, piece.end) if piece.is_name else inside)
        at += len(piece.text)
    return spans[0][0], spans[-1][1]


def _covered(words: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """The first and the last word that a part of the text touches."""
    touched = [place for place, (a, b) in enumerate(words) if a < end and start < b]
    return touched[0], touched[-1]

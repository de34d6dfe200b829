"""Cut-down variants of sentences: text that nobody labeled, for teachers to answer where there is little else.

After Tang et al. (2019), who sample runs of words and leave words out, since a small model learns a large one's answers
the better the more of them it sees.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from pipeline.records import Sentence

SHORTEST = 4  # words of a variant
SHARE_CUT = 0.5  # of the variants: a run of the words, from half of them to all
LEFT_OUT = 0.1  # of the words of each variant


def variants(sentences: Iterable[Sentence], n: int, seed: int) -> Iterator[Sentence]:
    """So many variants of each sentence, less those that are too short or no different.

    Args:
        sentences: whose words are parted by spaces.
        n: of each sentence.
        seed: of what is left out.
    """
    rng = np.random.default_rng(seed)
    for sentence in sentences:
        words = sentence.text.split()
        for number in range(1, n + 1):
            kept = " ".join(_some(words, rng))
            if kept.count(" ") + 1 >= SHORTEST and kept != " ".join(words):
                name = f"{sentence.document} (variant {number})"
                yield replace(
                    sentence, document=name, start=0, end=len(kept), text=kept, gold=None, annotators={}, attributes={}
                )


def _some(words: list[str], rng: np.random.Generator) -> list[str]:
    start, stop = 0, len(words)
    if rng.random() < SHARE_CUT:
        length = round(len(words) * rng.uniform(0.5, 1.0))
        start = int(rng.integers(0, len(words) - length + 1))
        stop = start + length
    return [word for word in words[start:stop] if rng.random() >= LEFT_OUT]

"""Pairs of sentences that say nearly the same in the same words, by MinHash."""

import re
from collections.abc import Sequence

Pair = tuple[int, int]
GRAM_WORDS = 3
N_PERMUTATIONS = 128
SLACK = 0.75  # candidates are sought below the threshold, so that the sketch's error loses none; then counted exactly


def near_duplicates(texts: Sequence[str], threshold: float, min_words: int) -> list[Pair]:
    """Index pairs, smaller first, whose word 3-gram sets have at least that Jaccard similarity.

    Candidates come from locality-sensitive hashing of MinHash sketches (Broder 1997; `datasketch`), so that the time
    grows with the number of texts and not with its square. Texts of fewer than `min_words` words pair with none.
    """
    from datasketch import MinHash, MinHashLSH

    grams = {i: _grams(text, min_words) for i, text in enumerate(texts)}
    kept = [i for i, found in grams.items() if found]
    encoded = ([gram.encode() for gram in sorted(grams[i])] for i in kept)
    sketches = MinHash.bulk(encoded, num_perm=N_PERMUTATIONS)
    index = MinHashLSH(threshold=threshold * SLACK, num_perm=N_PERMUTATIONS)
    pairs: list[Pair] = []
    for i, sketch in zip(kept, sketches, strict=True):
        candidates = sorted(index.query(sketch))
        pairs += [(j, i) for j in candidates if _jaccard(grams[i], grams[j]) >= threshold]
        index.insert(i, sketch, check_duplication=False)
    return sorted(pairs)


def _grams(text: str, min_words: int) -> frozenset[str]:
    words = re.findall(r"\w+", text.lower())
    if len(words) < max(min_words, GRAM_WORDS):
        return frozenset()
    return frozenset(" ".join(words[i : i + GRAM_WORDS]) for i in range(len(words) - GRAM_WORDS + 1))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)

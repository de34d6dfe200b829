"""Pairs of sentences that say nearly the same in the same words, by MinHash."""

import re
from collections.abc import Sequence

Pair = tuple[int, int]
GRAM_WORDS = 3
N_PERMUTATIONS = 128
MOST_MISSED = 1e-4  # share of the pairs just at the threshold that may be overlooked


def near_duplicates(texts: Sequence[str], threshold: float, min_words: int) -> list[Pair]:
    """Index pairs, smaller first, whose word 3-gram sets have at least that Jaccard similarity.

    Of texts with the same 3-grams only the first pairs with others, and each further one with it: all are connected,
    and n copies of a sentence make n - 1 pairs, not n²/2. Candidates come from locality-sensitive hashing of MinHash
    sketches (Broder 1997; `datasketch`), so that the time grows with the number of texts and not with its square; their
    similarity is then counted exactly. Texts of fewer than `min_words` words pair with none.
    """
    from datasketch import MinHash, MinHashLSH

    first: dict[frozenset[str], int] = {}
    pairs: list[Pair] = []
    for i, text in enumerate(texts):
        grams = _grams(text, min_words)
        if grams and first.setdefault(grams, i) != i:
            pairs.append((first[grams], i))
    distinct = list(first.items())
    sketches = MinHash.bulk(
        ([gram.encode() for gram in sorted(grams)] for grams, _ in distinct), num_perm=N_PERMUTATIONS
    )
    index = MinHashLSH(num_perm=N_PERMUTATIONS, params=_bands(threshold))
    for place, ((grams, i), sketch) in enumerate(zip(distinct, sketches, strict=True)):
        candidates = (distinct[other] for other in index.query(sketch))
        pairs += [(j, i) for theirs, j in candidates if _jaccard(grams, theirs) >= threshold]
        index.insert(place, sketch, check_duplication=False)
    return sorted(pairs)


def _bands(threshold: float) -> tuple[int, int]:
    """Bands and rows a band of the sketch: the most rows that miss few enough of the pairs at the threshold.

    Two texts of similarity s agree on none of b bands of r rows with probability (1 - s^r)^b (Leskovec, Rajaraman and
    Ullman, Mining of Massive Datasets, 3.4.2).
    """
    for n_rows in range(N_PERMUTATIONS // 2, 1, -1):
        n_bands = N_PERMUTATIONS // n_rows
        if (1 - threshold**n_rows) ** n_bands <= MOST_MISSED:
            return n_bands, n_rows
    return N_PERMUTATIONS, 1


def _grams(text: str, min_words: int) -> frozenset[str]:
    words = re.findall(r"\w+", text.lower())
    if len(words) < max(min_words, GRAM_WORDS):
        return frozenset()
    return frozenset(" ".join(words[i : i + GRAM_WORDS]) for i in range(len(words) - GRAM_WORDS + 1))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)

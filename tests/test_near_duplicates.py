"""Near-duplicates by MinHash are those that counting every pair finds."""

import random
import re
from itertools import combinations

import pytest

from pipeline.split import near_duplicates

WORDS = [f"word{number}" for number in range(300)]


def by_counting(texts: list[str], threshold: float, min_words: int) -> list[tuple[int, int]]:
    """The same by the definition: Jaccard similarity of the sets of word 3-grams, for every pair."""

    def grams(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[i : i + 3]) for i in range(len(words) - 2)} if len(words) >= min_words else set()

    sets = [grams(text) for text in texts]
    return [
        (i, j)
        for (i, one), (j, other) in combinations(enumerate(sets), 2)
        if one and other and len(one & other) / len(one | other) >= threshold
        if sets.index(one) == i and (sets.index(other) == j or one == other)  # of equal ones the first stands for all
    ]


def sentences_and_variants(seed: int) -> list[str]:
    """Random sentences, and for each some with more and more words changed, so that every similarity occurs."""
    dice = random.Random(seed)
    texts = []
    for _ in range(50):
        words = dice.choices(WORDS, k=dice.randint(4, 30))
        for n_changed in (0, 0, 0, 1, 1, 2, 3, 4):
            variant = [*words, *dice.choices(WORDS, k=dice.randint(0, 2))]
            for _ in range(n_changed):
                variant[dice.randrange(len(variant))] = dice.choice(WORDS)
            texts.append(" ".join(variant))
    dice.shuffle(texts)
    return texts


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.6, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_pairs_are_those_that_counting_finds(seed, threshold):
    texts = sentences_and_variants(seed)
    expected = by_counting(texts, threshold, min_words=6)
    assert near_duplicates(texts, threshold, 6) == expected
    assert len(expected) >= 5


def test_a_lower_threshold_keeps_every_pair():
    texts = sentences_and_variants(4)
    assert set(near_duplicates(texts, 0.8, 6)) < set(near_duplicates(texts, 0.4, 6))


def test_punctuation_and_case_make_no_difference():
    texts = [
        "“The two sides agreed to meet again,” he said.",
        "Something that has nothing to do with it at all.",
        "the two sides agreed, to meet AGAIN; he said",
    ]
    assert near_duplicates(texts, 1.0, 6) == [(0, 2)]


def test_set_phrases_pair_with_nothing():
    short, long = "I thank you very much.", "I thank you very much indeed."
    assert near_duplicates([short, short], 0.6, min_words=6) == []
    assert near_duplicates([long, long], 0.6, min_words=6) == [(0, 1)]
    assert near_duplicates([short, short], 0.6, min_words=5) == [(0, 1)]


@pytest.mark.parametrize(
    "texts", [[], ["One sentence of more than six words alone."], ["", "", "so", "so", "so it", "so it"]]
)
def test_nothing_to_compare_gives_no_pairs(texts):
    assert near_duplicates(texts, 0.6, min_words=1) == []


def test_a_pair_is_given_once_with_the_smaller_index_first():
    same = "The committee will meet again in the spring of next year."
    assert near_duplicates([same] * 4, 0.6, 6) == [(0, 1), (0, 2), (0, 3)]

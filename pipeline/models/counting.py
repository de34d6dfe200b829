"""Features of sentences as fitted vectorizers of scikit-learn give them, at a multiple of their speed.

An n-gram of characters does not reach over a word's ends, so that those of a word are looked up once for all sentences.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

MAX_WORDS = 50_000  # whose n-grams are remembered
NONE = np.empty(0, np.int32)

Places = NDArray[np.int32]
Counted = Callable[
    [str], Iterable[Places]
]  # a sentence to the columns of its n-grams, each as often as it stands there


class FastFeatures:
    """The same as `transform` of a union of a word and a character vectorizer, to the last bit.

    Args:
        features: the union, fitted; the first counts words, the second characters within words.
    """

    def __init__(self, features: Any) -> None:
        words, characters = (vectorizer for _, vectorizer in features.transformer_list)
        self._parts = ((words, _of_words(words)), (characters, _of_characters(characters)))

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """TF-IDF values, (n_sentences, n_features)."""
        return hstack([_weighted(*part, texts) for part in self._parts], "csr")


def _weighted(vectorizer: Any, counted: Counted, texts: Sequence[str]) -> csr_matrix:
    rows = [np.concatenate([NONE, *counted(text)]) for text in texts]
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.concatenate([NONE, *rows])
    size = (len(rows), len(vectorizer.vocabulary_))
    counts = csr_matrix((np.ones(len(columns), vectorizer.dtype), columns, ends), shape=size)
    counts.sum_duplicates()
    return vectorizer._tfidf.transform(counts, copy=False)  # rarity, logarithm and length: what little there is to it


def _of_words(vectorizer: Any) -> Counted:
    prepared, tokens, vocabulary = vectorizer.build_preprocessor(), vectorizer.build_tokenizer(), vectorizer.vocabulary_
    shortest, longest = vectorizer.ngram_range

    def counted(text: str) -> Iterator[Places]:
        words = tokens(prepared(text))
        grams = (map(" ".join, zip(*(words[k:] for k in range(n)), strict=False)) for n in range(shortest, longest + 1))
        found = map(vocabulary.get, chain.from_iterable(grams))
        yield np.array([place for place in found if place is not None], np.int32)

    return counted


def _of_characters(vectorizer: Any) -> Counted:
    prepared, grams, vocabulary = vectorizer.build_preprocessor(), vectorizer.build_analyzer(), vectorizer.vocabulary_
    known: dict[str, Places] = {}

    def counted(text: str) -> Iterator[Places]:
        for word in prepared(text).split():
            places = known.get(word)
            if places is None:
                if len(known) >= MAX_WORDS:
                    known.clear()
                found = [vocabulary[gram] for gram in grams(word) if gram in vocabulary]
                places = known[word] = np.array(found, np.int32)
            yield places

    return counted

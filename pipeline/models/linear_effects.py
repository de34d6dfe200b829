"""What each word adds to the score of a linear model over n-grams: exact, since the score is a sum."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.models.effects import WORD, Effect

Gram = tuple[str, list[int]]  # an n-gram, and the words that it covers, one by one


def linear_effects(features: Any, classifier: Any, texts: list[str], labels: list[str]) -> list[list[Effect]]:
    """Each word's share in a label's score above the mean score of all labels, in log-odds; a list a text.

    An n-gram's share goes in equal parts to the places where it stands, and there to the words it covers. All effects
    of a text and the label's intercept add up to its score.

    Args:
        features: union of a word and a character vectorizer.
        classifier: logistic regression on them.
        texts: sentences.
        labels: a label each.
    """
    weights, offset = _weights(classifier), 0
    totals = [np.zeros(len(WORD.findall(text))) for text in texts]
    for name, vectorizer in features.transformer_list:
        rows = vectorizer.transform(texts)
        vocabulary = vectorizer.vocabulary_
        for number, (text, label) in enumerate(zip(texts, labels, strict=True)):
            values = dict(zip(rows[number].indices.tolist(), rows[number].data.tolist(), strict=True))
            of_label = weights[classifier.classes_.tolist().index(label)]
            grams = [(vocabulary[g], covered) for g, covered in _grams(name, vectorizer, text) if g in vocabulary]
            counts = np.bincount([place for place, _ in grams], minlength=1)
            for place, covered in grams:
                share = values[place] * of_label[offset + place] / counts[place] / len(covered)
                np.add.at(totals[number], covered, share)
        offset += len(vocabulary)
    return [
        [Effect(m.start(), m.end(), float(v)) for m, v in zip(WORD.finditer(text), total, strict=True)]
        for text, total in zip(texts, totals, strict=True)
    ]


def _weights(classifier: Any) -> NDArray[np.float64]:
    """Coefficients a label, (n_labels, n_features), less their mean, which softmax takes no notice of."""
    coefficients: NDArray[np.float64] = classifier.coef_
    if len(coefficients) == 1:  # of two labels scikit-learn keeps the second's
        return np.concatenate([-coefficients / 2, coefficients / 2])
    centered: NDArray[np.float64] = coefficients - coefficients.mean(axis=0)
    return centered


def _grams(name: str, vectorizer: Any, text: str) -> Iterator[Gram]:
    """The n-grams of a text as scikit-learn cuts them, with the words that they cover."""
    if name == "words":
        yield from _word_grams(vectorizer, text)
    else:
        yield from _character_grams(vectorizer, text)


def _word_grams(vectorizer: Any, text: str) -> Iterator[Gram]:
    shortest, longest = vectorizer.ngram_range
    tokens = [
        (token, number)
        for number, word in enumerate(WORD.findall(text))
        for token in re.findall(vectorizer.token_pattern, word.lower())
    ]
    for n in range(shortest, longest + 1):
        for start in range(len(tokens) - n + 1):
            some = tokens[start : start + n]
            yield " ".join(token for token, _ in some), [number for _, number in some]


def _character_grams(vectorizer: Any, text: str) -> Iterator[Gram]:
    shortest, longest = vectorizer.ngram_range
    for number, word in enumerate(WORD.findall(text)):
        padded = f" {word.lower()} "
        for n in range(shortest, longest + 1):
            yield padded[:n], [number]
            for start in range(1, len(padded) - n + 1):
                yield padded[start : start + n], [number]
            if n >= len(padded):  # a short word is counted once
                break

"""The baseline's vectorizers and classifier as two files of data: the terms, and the numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from pipeline.config.train import BaselineTraining
from pipeline.records import StanceError

TERMS_FILE = "terms.json"
WEIGHTS_FILE = "weights.safetensors"
WORDS = {"token_pattern": r"(?u)\b\w+\b"}  # single letters too: "I", "a"


def new_features(config: BaselineTraining) -> FeatureUnion:
    """A word and a character vectorizer that have seen nothing."""
    common = {"min_df": config.min_document_frequency, "sublinear_tf": True, "dtype": np.float64}
    words = TfidfVectorizer(ngram_range=config.word_ngrams, **common, **WORDS)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=config.char_ngrams, **common)
    return FeatureUnion([("words", words), ("characters", characters)])


def save_linear(features: Any, classifier: Any, folder: Path) -> None:
    """Write the terms in the order of their columns, the labels, and all weights."""
    terms = {name: sorted(part.vocabulary_, key=part.vocabulary_.get) for name, part in features.transformer_list}
    listed = {"labels": classifier.classes_.tolist(), **terms}
    (folder / TERMS_FILE).write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    arrays = {f"idf_{name}": part.idf_ for name, part in features.transformer_list}
    arrays |= {"coef": classifier.coef_, "intercept": classifier.intercept_}
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / WEIGHTS_FILE)


def load_linear(folder: Path, config: BaselineTraining) -> tuple[FeatureUnion, LogisticRegression]:
    """The vectorizers and the classifier, as `save_linear` wrote them.

    Raises:
        StanceError: an older version wrote them.
    """
    if not (folder / TERMS_FILE).exists():
        raise StanceError(f"{folder}: a baseline of an older version: no {TERMS_FILE} in it. Train it again")
    terms = json.loads((folder / TERMS_FILE).read_text(encoding="utf-8"))
    weights = load_file(folder / WEIGHTS_FILE)
    features = new_features(config)
    for name, part in features.transformer_list:
        part.vocabulary_ = {term: column for column, term in enumerate(terms[name])}
        part.idf_ = weights[f"idf_{name}"]
    classifier = LogisticRegression()
    classifier.classes_ = np.array(terms["labels"])
    classifier.coef_, classifier.intercept_ = weights["coef"], weights["intercept"]
    classifier.n_features_in_ = classifier.coef_.shape[1]
    return features, classifier

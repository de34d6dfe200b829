"""What a search may change: a range or a list of values for each key of the config."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pipeline.config.root import Config
from pipeline.config.tune import Choice, Range
from pipeline.records import StanceError, did_you_mean

if TYPE_CHECKING:
    from optuna import Trial

Space = Mapping[str, Range | tuple[Choice, ...]]
SECTIONS = ("train", "augment")
USUAL: Mapping[str, Space] = {
    "baseline": {
        "train.word_ngrams": ((1, 1), (1, 2), (1, 3)),
        "train.char_ngrams": ((2, 4), (2, 5), (3, 6)),
        "train.min_document_frequency": Range(low=1, high=5),
    },
    "static": {
        "train.learning_rate": Range(low=3e-4, high=1e-2, log=True),
        "train.hidden_size": (128, 256, 512),
        "train.token_dropout": Range(low=0.0, high=0.3),
    },
    "embedding": {
        "train.pooling": ("mean", "cls"),
        "train.class_weights": ("balanced", "none"),
    },
    "transformer": {
        "train.learning_rate": Range(low=3e-5, high=5e-4, log=True),
        "train.epochs": Range(low=1, high=5),
        "train.dropout": Range(low=0.0, high=0.3),
        "train.label_smoothing": Range(low=0.0, high=0.2),
        "train.layer_decay": Range(low=0.7, high=1.0),
        "train.average_decay": (0.0, 0.99),
    },
}


def space_of(config: Config) -> Space:
    """What the config lets the search change, checked; else what is usual for its kind of model.

    Raises:
        StanceError: a key or a value is not one that the config can have; every problem is named.
    """
    space: Space = (config.tune.space if config.tune is not None else {}) or USUAL[config.train.kind]
    problems = [problem for key, values in space.items() for problem in _problems(config, key, values)]
    if problems:
        raise StanceError("\n".join(problems))
    return space


def suggested(trial: "Trial", space: Space) -> dict[str, Any]:
    """A value a key."""
    found: dict[str, Any] = {}
    for key, values in space.items():
        if isinstance(values, Range):
            if isinstance(values.low, int) and isinstance(values.high, int):
                found[key] = trial.suggest_int(key, values.low, values.high, log=values.log)
            else:
                found[key] = rounded(trial.suggest_float(key, values.low, values.high, log=values.log))
        else:  # a list is no value for optuna: it stores them as JSON
            found[key] = json.loads(trial.suggest_categorical(key, [json.dumps(value) for value in values]))
    return found


def rounded(value: float) -> float:
    """To three digits: what is tried is what people read."""
    return float(f"{value:.3g}")


def applied(config: Config, values: Mapping[str, Any]) -> Config:
    """The config with these values, checked as one that was read.

    Raises:
        StanceError: it cannot have one of them.
    """
    plain = config.model_dump(mode="json")
    for key, value in values.items():
        *sections, last = key.split(".")
        node = plain
        for section in sections:
            node = node[section]
        node[last] = value
    try:
        return Config.model_validate_json(json.dumps(plain))
    except ValidationError as error:
        what = "; ".join(str(problem["msg"]) for problem in error.errors())
        raise StanceError(f"tune.space: {_in_words(values)}: {what}") from None


def _problems(config: Config, key: str, values: Range | tuple[Choice, ...]) -> list[str]:
    known = [f"{name}.{below}" for name in SECTIONS for below in type(getattr(config, name)).model_fields]
    fixed = {"train.kind", "train.seeds", "train.encoder", "train.revision", "train.mask_countries"}
    if key not in known or key in fixed:
        return [f"tune.space: {key}: not a key that can be searched.{did_you_mean(key, known)}"]
    tried = [values.low, values.high] if isinstance(values, Range) else list(values)
    problems = []
    for value in tried:
        try:
            applied(config, {key: value})
        except StanceError as error:
            problems.append(str(error))
    return problems


def _in_words(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {json.dumps(value)}" for key, value in values.items())

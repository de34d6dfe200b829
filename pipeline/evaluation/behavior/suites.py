"""Cases of behavior after Ribeiro et al. (2020), CheckList: what must flip, stay or rise when a sentence changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from pipeline.config.base import Section
from pipeline.evaluation.behavior.shares import wilson
from pipeline.models.contract import StanceModel
from pipeline.records import Prediction, StanceError, did_you_mean
from pipeline.store.jsonl import placed_rows

Text = Annotated[str, Field(min_length=1)]


class Flip(Section):
    """Minimum function: a change that changes the label."""

    id: str
    what: str
    text: Text
    label: str
    changed: Text
    changed_label: str

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels it names."""
        return self.label, self.changed_label

    def passes(self, one: Prediction, other: Prediction) -> bool:
        """Whether both labels are right."""
        return (one.label, other.label) == self.labels


class Invariance(Section):
    """A change that must not change the label."""

    id: str
    what: str
    text: Text
    label: str
    changed: Text

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels it names."""
        return (self.label,)

    def passes(self, one: Prediction, other: Prediction) -> bool:
        """Whether the label stays, right or wrong."""
        return one.label == other.label


class Direction(Section):
    """A change that must raise a label's probability."""

    id: str
    what: str
    text: Text
    changed: Text
    raises: str

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels it names."""
        return (self.raises,)

    def passes(self, one: Prediction, other: Prediction) -> bool:
        """Whether the probability is higher."""
        return other.probabilities[self.raises] > one.probabilities[self.raises]


Case = Flip | Invariance | Direction
SUITES: dict[str, type[Case]] = {"flip": Flip, "invariance": Invariance, "direction": Direction}


@dataclass(frozen=True)
class Rate:
    """How many cases of one kind pass, with a Wilson (1927) interval."""

    suite: str
    what: str
    n: int
    n_passed: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share that passes."""
        return self.n_passed / self.n


@dataclass(frozen=True)
class Failure:
    """A case that does not pass, with what the model said to both sentences."""

    suite: str
    case: Case
    one: Prediction
    other: Prediction


def read_suites(folder: Path, labels: Sequence[str]) -> dict[str, list[Case]]:
    """The cases of each suite that a folder has.

    Raises:
        StanceError: there is none, or a case is not whole, or names a label that the model does not know.
    """
    found = {name: _read(folder / f"{name}.jsonl", kind, labels) for name, kind in SUITES.items()}
    suites = {name: cases for name, cases in found.items() if cases}
    if not suites:
        names = ", ".join(f"{name}.jsonl" for name in SUITES)
        raise StanceError(f"behavior.suites: {folder}: holds none of {names}. Name another folder, or leave it out")
    return suites


def run_suites(
    model: StanceModel, suites: dict[str, list[Case]], confidence: float
) -> tuple[list[Rate], list[Failure]]:
    """Rates of each suite, over all kinds and for each, and the cases that fail."""
    rates, failures = [], []
    for suite, cases in suites.items():
        answers = model.predict([text for case in cases for text in (case.text, case.changed)])
        pairs = list(zip(cases, answers[::2], answers[1::2], strict=True))
        passed = [case.passes(one, other) for case, one, other in pairs]
        failures += [Failure(suite, *pair) for pair, ok in zip(pairs, passed, strict=True) if not ok]
        for what in ("all", *dict.fromkeys(case.what for case in cases)):
            some = [ok for case, ok in zip(cases, passed, strict=True) if what in {"all", case.what}]
            rates.append(_rate(suite, what, some, confidence))
    return rates, failures


def _rate(suite: str, what: str, passed: Sequence[bool], confidence: float) -> Rate:
    return Rate(suite, what, len(passed), sum(passed), *wilson(sum(passed), len(passed), confidence))


def _read(path: Path, kind: type[Case], labels: Sequence[str]) -> list[Case]:
    if not path.is_file():
        return []
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    cases: list[Case] = []
    for place, row in placed_rows(path):
        try:
            case: Case = adapter.validate_python(row)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            where = "".join(f"{part}: " for part in problem["loc"])
            raise StanceError(f"{place}: {where}{problem['msg']}. See data/behavior") from None
        unknown = [label for label in case.labels if label not in labels]
        if unknown:
            hint = did_you_mean(unknown[0], labels)
            raise StanceError(
                f'{place}: label "{unknown[0]}" is not one of {", ".join(labels)}.{hint} Other labels want other '
                "suites: name yours under behavior.suites, or set it to null"
            )
        cases.append(case)
    return cases

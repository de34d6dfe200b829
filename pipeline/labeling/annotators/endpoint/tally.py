"""What became of the questions, and when there is no sense in asking on."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from pipeline.labeling.annotators.endpoint.budget import Budget

Kind = Literal["not reached", "declined", "of no use"]
MOST_IN_A_ROW: dict[Kind, int] = {"not reached": 3, "declined": 20, "of no use": 20}  # then it will not change


@dataclass
class Tally:
    """What became of the questions.

    Attributes:
        budget: with what was spent of it.
        asked: the keys of those that were sent.
        n_retried: requests that were sent once more.
        given_up: questions without an answer, by the kind of reason.
        first_reason: of each kind, the first one's.
        in_a_row: requests given up since the last answer, by the kind of reason.
        stopped: why not all were asked, where that is no fault; else empty.
    """

    budget: Budget
    asked: set[str] = field(default_factory=set)
    n_retried: int = 0
    given_up: Counter[Kind] = field(default_factory=Counter)
    first_reason: dict[Kind, str] = field(default_factory=dict)
    in_a_row: Counter[Kind] = field(default_factory=Counter)
    stopped: str = ""

    def give_up(self, n_questions: int, kind: Kind, reason: str) -> bool:
        """Count a request that is given up; true where so many were that the next will be too."""
        self.given_up[kind] += n_questions
        self.first_reason.setdefault(kind, reason)
        self.in_a_row[kind] += 1
        return self.in_a_row[kind] >= MOST_IN_A_ROW[kind]

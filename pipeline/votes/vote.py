"""One vote."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Kind = Literal["person", "rule", "model"]
WITHDRAWN = ""
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Vote:
    """What one annotator says of one sentence.

    Attributes:
        sentence_id: of the sentence, as ``news-01#3``.
        annotator: a person's name, ``rule:<name>`` or ``model:<name>``.
        kind: of annotator.
        label: that is given; `WITHDRAWN` takes the annotator's earlier vote back.
        when: it was given, in UTC.
        weight: above 0, at most 1; less where the annotator is not sure.
        text_digest: of the text that was voted on, so that no vote comes to stand on another; empty: not known.
    """

    sentence_id: str
    annotator: str
    kind: Kind
    label: str
    when: datetime
    weight: float = 1.0
    text_digest: str = field(default="", compare=False)


def digest(text: str) -> str:
    """A short hash of a text, in which spaces do not count."""
    return hashlib.sha256(" ".join(text.split()).encode(errors="replace")).hexdigest()[:16]

"""The nouns of the pipeline, and the error a user can cause.

Records are frozen: a stage makes new ones and changes none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches


class StanceError(Exception):
    """Something the user can mend; the command line prints it and exits with code 2.

    The message says what is wrong, where, what was found there, and what to do.
    """


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was read, whole.

    Attributes:
        id: unique within one ingest: the path, and for a row of a table its name there, else the path and the row.
        text: the text that the sentences' offsets point into.
    """

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, as it stands in its document: ``document.text[start:end] == text``.

    Attributes:
        document: the id of its document.
        position: its place in the document, from 1.
        start: offset of its first character in the document's text.
        end: offset after its last character.
        text: the sentence.
        source: where it was read: the file, and the line of a table.
        gold: the label that people gave it, where they did.
        annotators: each annotator's own label, by the annotator's name.
        attributes: what else is known of it, by column.
    """

    document: str
    position: int
    start: int
    end: int
    text: str
    source: str
    gold: str | None = None
    annotators: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The document's id and the position, as in ``news-01#3``."""
        return f"{self.document}#{self.position}"


@dataclass(frozen=True, slots=True)
class Example:
    """A labeled sentence.

    Attributes:
        sentence: what is labeled.
        label: its label.
        origin: ``gold``; ``people`` or ``votes``, put together from a table of votes; or ``rule:<name>`` of the rule
            that decided.
        shares: how far each label holds, where training should hear more than the one; they sum to 1.
    """

    sentence: Sentence
    label: str
    origin: str
    shares: Mapping[str, float] | None = None

    @property
    def text(self) -> str:
        """The sentence's text."""
        return self.sentence.text

    @property
    def is_by_people(self) -> bool:
        """Whether people gave the label, and not rules or models."""
        return self.origin in {"gold", "people"}

    def with_text(self, text: str) -> "Example":
        """The same with another text in its place."""
        return replace(self, sentence=replace(self.sentence, text=text))


@dataclass(frozen=True, slots=True)
class Parts:
    """A split: three disjoint lists of examples."""

    train: list[Example]
    validation: list[Example]
    test: list[Example]

    def items(self) -> list[tuple[str, list[Example]]]:
        """The parts by name, in this order: train, validation, test."""
        return [("train", self.train), ("validation", self.validation), ("test", self.test)]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one sentence.

    Attributes:
        label: the label with the highest probability.
        score: that probability, between 0 and 1.
        probabilities: every label's probability; they sum to 1.
        abstain: whether the model had better not be asked: the label is then only its best guess.
    """

    label: str
    score: float
    probabilities: dict[str, float]
    abstain: bool = False


@dataclass(frozen=True, slots=True)
class TrainingEvent:
    """A moment of training that somebody may want to see.

    Attributes:
        step: optimizer steps done, from 0.
        total_steps: steps that the whole training takes if it is not stopped early.
        epoch: passes over the training part done, with fractions.
        metrics: figures known at this step, such as ``train_loss`` or ``validation_macro_f1``.
        note: something that people should be told, once.
    """

    step: int
    total_steps: int
    epoch: float
    metrics: Mapping[str, float]
    note: str = ""


Listener = Callable[[TrainingEvent], None]


def ignore(event: TrainingEvent) -> None:
    """Listen to nothing."""


def percent(share: float) -> str:
    """A share in percent, to three digits where it needs them.

    >>> percent(0.95), percent(0.025), percent(0.999)
    ('95%', '2.5%', '99.9%')
    """
    return f"{100 * share:.3g}%"


def did_you_mean(found: object, known: Sequence[str]) -> str:
    """The nearest known word as a question with a space before it, or nothing.

    >>> did_you_mean("warn", ["warning", "none"])
    ' Did you mean "warning"?'
    """
    by_lower = {word.lower(): word for word in known}
    near = get_close_matches(str(found).lower(), list(by_lower), n=1, cutoff=0.5)
    return f' Did you mean "{by_lower[near[0]]}"?' if near else ""


def counted(n: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "document"), counted(7722, "sentence")
    ('1 document', '7,722 sentences')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def listing(items: Sequence[str], most: int = 3) -> str:
    """At most three of the items, and how many more there are.

    >>> listing(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    shown = ", ".join(items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown

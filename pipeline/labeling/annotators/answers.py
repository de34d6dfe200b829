"""What an annotator says of sentences: to votes, and compared with what people say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.codebook import Codebook
from pipeline.labeling.labels import label_set
from pipeline.records import Sentence, StanceError
from pipeline.votes import Vote, VoteTable, check_texts, check_votes, digest, new_votes

Progress = Callable[[int], None]  # told how many sentences are done


@dataclass(frozen=True, slots=True)
class Answer:
    """What an annotator says of one sentence.

    Attributes:
        label: that it gives.
        weight: its probability where there is one; above 0, at most 1.
    """

    label: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """How right an annotator is where people's labels are known.

    Attributes:
        n_gold: sentences that people labeled.
        n_answered: those of them that it has an answer to: the figures are of these.
        accuracy: share of right answers.
        macro_f1: mean F1 of the stances.
    """

    n_gold: int
    n_answered: int
    accuracy: float
    macro_f1: float


def open_votes(folder: Path) -> VoteTable:
    """The table in a folder, looked over before anybody is asked: an answer may cost time or money.

    Raises:
        StanceError: it is no folder, or a file in it holds something else than votes.
    """
    if folder.exists() and not folder.is_dir():
        raise StanceError(f"{folder}: is a file. Name a folder for votes")
    table = VoteTable(folder)
    table.rows()
    return table


def add_votes(
    table: VoteTable,
    sentences: Sequence[Sentence],
    answers: Sequence[Answer | None],
    annotator: str,
    labels: Sequence[str],
) -> int:
    """Add what an annotator says and does not stand already; says how many votes that are.

    Args:
        table: that they are added to, all or none.
        sentences: that were asked about.
        answers: an answer a sentence; None: there is none.
        annotator: as in ``model:fast``.
        labels: of the codebook.

    Raises:
        StanceError: a label is not in the codebook, or the table cannot be written to.
    """
    standing = table.standing()
    texts = {sentence.id: sentence.text for sentence in sentences}
    check_texts(standing.table, texts, str(table.folder))
    now = standing.now()
    votes = [
        Vote(s.id, annotator, "model", a.label, now, min(1.0, a.weight), digest(s.text))
        for s, a in zip(sentences, answers, strict=True)
        if a is not None
    ]
    check_votes(votes, labels, texts, annotator)
    fresh = new_votes(standing, votes)
    table.append(fresh)
    return len(fresh)


def score(sentences: Sequence[Sentence], answers: Sequence[Answer | None], codebook: Codebook) -> Score | None:
    """How right the answers are; None where there is none to a sentence that people labeled."""
    from pipeline.models.selection import macro_f1

    with_gold = [(s.gold, a) for s, a in zip(sentences, answers, strict=True) if s.gold is not None]
    true = [gold for gold, answer in with_gold if answer is not None]
    said = [answer.label for _, answer in with_gold if answer is not None]
    if not said:
        return None
    hits = sum(gold == label for gold, label in zip(true, said, strict=True))
    figure = macro_f1(true, said, label_set(codebook))
    return Score(len(with_gold), len(said), hits / len(said), figure)

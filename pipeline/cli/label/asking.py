"""What the commands that ask models share: sentences read, a bar while they are asked, votes added and told of."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.bar import bar as counting
from pipeline.cli.console import output, progress, say
from pipeline.cli.label.reading import reading
from pipeline.cli.options import As
from pipeline.records import StanceError, counted

if TYPE_CHECKING:
    from pipeline.codebook import Codebook
    from pipeline.labeling.annotators import Answer, Progress
    from pipeline.labeling.worklist import Item
    from pipeline.votes import VoteTable

VotesFolder = Annotated[
    Path, typer.Option("--votes", metavar="FOLDER", help="The table of votes that the answers are added to.")
]
AnnotatorName = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="The votes are of model:NAME.", show_default="the model's")
]


def read_to_ask(inputs: Sequence[str], book: "Codebook", text_column: str, read_as: As, skip_bad: bool) -> "list[Item]":
    """The sentences to ask about, in context.

    Raises:
        StanceError: an input cannot be read, holds no sentence, or a label of people that the codebook has not.
    """
    from pipeline.labeling.gold import check_gold
    from pipeline.labeling.worklist import read_items

    items = read_items(inputs, reading(text_column, read_as, skip_bad=skip_bad))
    if not items:
        raise StanceError("no sentence is left to ask about. Mend the rows that were left out")
    check_gold((item.sentence for item in items), tuple(book.labels))
    return items


@contextmanager
def bar(n_sentences: int) -> "Iterator[Progress]":
    """A bar while sentences are asked about; it is told how many are done."""
    with counting("ask", n_sentences) as advance:
        yield lambda n_done: advance(n_done, n_sentences)


def add_and_tell(
    table: "VoteTable", items: "Sequence[Item]", answers: "Sequence[Answer | None]", annotator: str, book: "Codebook"
) -> None:
    """Add what was answered to the votes, and say what that was and how right it is.

    Raises:
        StanceError: the votes cannot be written.
    """
    from pipeline.labeling.annotators import add_votes, score

    sentences = [item.sentence for item in items]
    n_new = add_votes(table, sentences, answers, annotator, book.order)
    by_label = Counter(answer.label for answer in answers if answer is not None)
    told = ", ".join(f"{by_label[label]} {label}" for label in book.order if by_label[label])
    stood = by_label.total() - n_new
    more = f" ({stood} stood already)" if stood else ""
    say(progress(), f"{counted(n_new, 'vote')} of {annotator} added to {table.folder}{more}: {told or 'no answer'}")
    if found := score(sentences, answers, book):
        some = f"{found.n_answered} of " if found.n_answered < found.n_gold else ""
        say(
            output(),
            f"on {some}{found.n_gold} that people labeled: accuracy {found.accuracy:.3f}, macro-F1 of the stances "
            f"{found.macro_f1:.3f}",
        )

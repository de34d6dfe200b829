"""`stance label nli`: zero-shot answers of a model of natural-language inference as votes."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import interruptible, progress, say
from pipeline.cli.label.asking import AnnotatorName, VotesFolder, add_and_tell, bar, read_to_ask
from pipeline.cli.options import CODEBOOK, As, CodebookFile, ReadAs, SentenceFiles, SkipBad, TextColumn
from pipeline.cli.predict import DeviceName


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(nli)


def nli(  # noqa: PLR0917 (typer calls it by name)
    inputs: SentenceFiles,
    place: Annotated[str, typer.Option("--model", metavar="ID_OR_FOLDER", help="A model on Hugging Face, or here.")],
    votes: VotesFolder,
    name: AnnotatorName = None,
    codebook: CodebookFile = CODEBOOK,
    device: Annotated[DeviceName, typer.Option(help="auto takes the best there is.")] = DeviceName.auto,
    text_column: TextColumn = "text",
    read_as: ReadAs = As.sentences,
    skip_bad: SkipBad = False,
) -> None:
    """A model of natural-language inference votes on sentences, without training: which label's hypothesis holds?

    Hypotheses stand in the codebook; a label without one has its definition's first sentence. The weight of a vote is
    how far its hypothesis holds beside the other labels'.

    Example: stance label nli data/corpus/*.jsonl --model facebook/bart-large-mnli --votes runs/votes
    """
    from pipeline.codebook import load_codebook
    from pipeline.labeling.annotators import open_votes

    book = load_codebook(codebook)
    table = open_votes(votes)
    items = read_to_ask(inputs, book, text_column, read_as, skip_bad)
    from pipeline.labeling.annotators.nli import NliModel  # torch is loaded when all else is right

    model = NliModel(place, device.value)
    say(progress(), f"{place} on {model.device.name} ({model.device.reason})")
    hypotheses = {label: book.labels[label].in_one_sentence for label in book.order}
    with interruptible("no vote was added"), bar(len(items)) as advance:
        answers = model.ask([item.sentence.text for item in items], hypotheses, advance)
    add_and_tell(table, items, answers, f"model:{name or _named(place)}", book)


def _named(place: str) -> str:
    """What votes are signed with: the whole name of a model on the hub, a folder's last part."""
    return f"nli/{Path(place).resolve().name if Path(place).is_dir() else place}"

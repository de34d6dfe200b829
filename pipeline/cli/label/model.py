"""`stance label model`: a trained model's answers as votes."""

from typing import Annotated

import typer

from pipeline.cli.console import interruptible, progress, say
from pipeline.cli.label.asking import AnnotatorName, VotesFolder, add_and_tell, bar, read_to_ask
from pipeline.cli.options import CODEBOOK, As, CodebookFile, ReadAs, SentenceFiles, SkipBad, TextColumn
from pipeline.cli.predict import DeviceName


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(model)


def model(  # noqa: PLR0917 (typer calls it by name)
    inputs: SentenceFiles,
    place: Annotated[str, typer.Option("--model", metavar="PATH_OR_URI", help="runs/NAME/model, or models:/….")],
    votes: VotesFolder,
    name: AnnotatorName = None,
    codebook: CodebookFile = CODEBOOK,
    device: Annotated[DeviceName, typer.Option(help="auto takes the best there is.")] = DeviceName.auto,
    text_column: TextColumn = "text",
    read_as: ReadAs = As.sentences,
    skip_bad: SkipBad = False,
) -> None:
    """A trained model votes on sentences; the weight of a vote is the model's probability.

    Example: stance label model data/corpus/*.jsonl --model runs/fast/model --votes runs/votes
    """
    from pipeline.codebook import load_codebook
    from pipeline.labeling.annotators import open_votes
    from pipeline.labeling.annotators.trained import annotator_of, ask_trained, check_labels
    from pipeline.predict import load_model

    book = load_codebook(codebook)
    table = open_votes(votes)
    items = read_to_ask(inputs, book, text_column, read_as, skip_bad)
    loaded = load_model(place, device.value)
    check_labels(loaded, book.order, place)
    say(progress(), f"{place} on {loaded.device} ({loaded.device_reason})")
    with interruptible("no vote was added"), bar(len(items)) as advance:
        answers = ask_trained(loaded, [item.sentence.text for item in items], advance)
    add_and_tell(table, items, answers, f"model:{name or annotator_of(place)}", book)

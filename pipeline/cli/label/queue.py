"""`stance label queue`: what to label next."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import interruptible, output, progress, say
from pipeline.cli.label.items import show_items
from pipeline.cli.label.reading import reading
from pipeline.cli.options import CODEBOOK, As, CodebookFile, ReadAs, SentenceFiles, SkipBad, TextColumn

if TYPE_CHECKING:
    from pipeline.labeling.queue import Chosen, Way

WITH_A_MODEL = ["uncertainty=0.7", "spread=0.15", "random=0.15"]
WITHOUT = ["spread=0.85", "random=0.15"]


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(queue)


def queue(  # noqa: PLR0917 (typer calls it by name)
    inputs: SentenceFiles,
    to: Annotated[Path, typer.Option("--output", metavar="FILE", help="The list to write, as JSONL.")],
    n: Annotated[int, typer.Option("--n", min=1, help="Sentences to choose.")] = 100,
    model: Annotated[
        str | None, typer.Option(metavar="PATH_OR_URI", help="A trained model: what it is unsure of, and suggests.")
    ] = None,
    votes: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The table of votes: who differs, and what is labeled.")
    ] = None,
    labeled: Annotated[
        list[str] | None, typer.Option(metavar="FILES", help="Labeled sentences, to choose none like them; repeatable.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WAY=SHARE",
            help="uncertainty, disagreement, spread, random or order (as they stand); may be given again.",
            show_default="uncertainty=0.7 spread=0.15 random=0.15; without a model spread=0.85 random=0.15",
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Choose from labeled sentences as well.")] = False,
    sample: Annotated[int, typer.Option(min=1, help="Of a larger pool, look at so many, chosen at random.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Of chance.")] = 0,
    codebook: CodebookFile = CODEBOOK,
    read_as: ReadAs = As.sentences,
    text_column: TextColumn = "text",
    skip_bad: SkipBad = False,
) -> None:
    """The sentences to label next, each with its reason and a model's suggestion; no two nearly the same.

    The list is one for `stance label serve` and `export`.

    Example: stance label queue data/articles --as documents --n 20 --output queue.jsonl
    """
    from pipeline.codebook import load_codebook
    from pipeline.ingest import read_all
    from pipeline.labeling.labels import label_set
    from pipeline.labeling.queue import choose, gather
    from pipeline.labeling.worklist import read_items, write_items
    from pipeline.predict import load_model
    from pipeline.votes import existing_votes

    shares = _shares(by or (WITH_A_MODEL if model else WITHOUT))
    book = load_codebook(codebook)
    items = read_items(inputs, reading(text_column, read_as, skip_bad=skip_bad))
    known = read_all(labeled, reading(text_column, skip_bad=skip_bad)).sentences if labeled else []
    standing = None if votes is None else existing_votes(votes).standing().table
    loaded = None if model is None else load_model(model)
    with interruptible("nothing was written"):
        pool = gather(
            items, known, shares, label_set(book), votes=standing, model=loaded, sample=sample, again=again, seed=seed
        )
        found = choose(pool, n, shares, seed)
    write_items(to, found.items)
    show_items(found.items, "To label next", output())
    say(progress(), f"{_counts(found)}, from {len(pool.items)}; {found.n_alike} passed over as nearly the same: {to}")


def _shares(given: list[str]) -> "dict[Way, float]":
    """The shares by way.

    Raises:
        StanceError: one is not to be understood.
    """
    from pipeline.labeling.queue import WAYS
    from pipeline.records import StanceError, did_you_mean

    found: dict[Way, float] = {}
    for text in given:
        name, _, number = text.partition("=")
        way = next((way for way in WAYS if way == name), None)
        if way is None:
            raise StanceError(f"--by {text}: {name} is not one of {', '.join(WAYS)}.{did_you_mean(name, WAYS)}")
        try:
            found[way] = float(number or 1)
        except ValueError:
            found[way] = 0.0
        if not 0 < found[way] < float("inf"):
            raise StanceError(f"--by {text}: the share is not a number above 0. Give one, as {name}=0.5")
    return found


def _counts(found: "Chosen") -> str:
    return ", ".join(f"{n} by {way}" for way, n in found.by_way.items())

"""`stance label doubts`: labels that may be wrong, the likeliest first."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.bar import bar
from pipeline.cli.console import interruptible, output, progress, say
from pipeline.cli.label.items import show_items
from pipeline.cli.label.reading import reading
from pipeline.cli.options import CODEBOOK, CodebookFile, SentenceFiles, SkipBad, TextColumn


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(doubts)


def doubts(  # noqa: PLR0917 (typer calls it by name)
    inputs: SentenceFiles,
    to: Annotated[Path, typer.Option("--output", metavar="FILE", help="The list to write, as JSONL.")],
    config: Annotated[
        Path | None,
        typer.Option(metavar="CONFIG", help="Kind of model that is trained; a TF-IDF model if none is named."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="PATH_OR_URI", help="A trained model, whose sure disagreements count too.")
    ] = None,
    codebook: CodebookFile = CODEBOOK,
    text_column: TextColumn = "text",
    skip_bad: SkipBad = False,
) -> None:
    """Labels that may be wrong: by a model of other documents, by near-duplicates, and by a trained model.

    The list is one for `stance label serve`, `queue` and `export`.

    Example: stance label doubts data/corpus/*.jsonl --output doubts.jsonl
    """
    from pipeline.codebook import load_codebook
    from pipeline.config import load_config
    from pipeline.ingest import read_all
    from pipeline.labeling.doubts import doubts as find
    from pipeline.labeling.gold import gold_examples
    from pipeline.labeling.held_out import QUICK, held_out_proba
    from pipeline.labeling.labels import label_set
    from pipeline.labeling.worklist import write_items
    from pipeline.predict import load_model
    from pipeline.records import StanceError
    from pipeline.split import near_duplicates

    book = load_codebook(codebook)
    labels = label_set(book)
    examples = gold_examples(read_all(inputs, reading(text_column, skip_bad=skip_bad)).sentences, tuple(book.labels))
    if not examples:
        raise StanceError(f"{inputs[0]}: no sentence has a label. Name tables with a column `label`")
    training = QUICK if config is None else load_config(config).train
    trained = None if model is None else load_model(model)
    texts = [example.text for example in examples]
    with interruptible("nothing was written"):
        pairs = near_duplicates(texts, 0.6, 6)
        with bar("folds", 0) as advance:
            held_out = held_out_proba(examples, labels, training, pairs=pairs, progress=advance)
        said = None if trained is None else trained.predict_proba(texts)
        found = find(examples, labels, held_out, pairs, said)
    write_items(to, found)
    show_items(found, "In doubt", output())
    say(progress(), f"{len(found)} of {len(examples)} labels in doubt, the likeliest wrong first: {to}")

"""`stance predict`: any model over any files."""

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import interruptible, progress, say
from pipeline.cli.options import As

if TYPE_CHECKING:
    from pipeline.config.predict import PredictConfig
    from pipeline.ingest import BadRows
    from pipeline.models import StanceModel
    from pipeline.predict import Predicted
    from pipeline.predict.engines import EngineSettings


class DeviceName(StrEnum):
    """Where to run."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


class EngineChoice(StrEnum):
    """What computes."""

    local = "local"
    ray = "ray"


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(predict)


def predict(  # noqa: PLR0917 (typer calls it by name)
    model: Annotated[str, typer.Option(metavar="PATH_OR_URI", help="runs/NAME/model, or models:/stance@champion.")],
    inputs: Annotated[
        list[str],
        typer.Option("--input", metavar="FILES", help="File, folder or glob; may be given again and again."),
    ],
    output: Annotated[Path, typer.Option(metavar="FILE", help="What to write: .csv, .jsonl, .parquet or .html.")],
    read_as: Annotated[
        As, typer.Option("--as", help="documents: texts are split. sentences: each row of a table is one.")
    ] = As.documents,
    device: Annotated[DeviceName, typer.Option(help="auto takes the best there is.")] = DeviceName.auto,
    batch_size: Annotated[
        int, typer.Option(min=1, max=65536, help="Sentences a batch, at most; on a GPU, of the longest.")
    ] = 32,
    text_column: Annotated[str, typer.Option(help="Column of a table with the text.")] = "text",
    document_column: Annotated[str, typer.Option(help="Column that names a row's document, if any.")] = "doc_id",
    language: Annotated[str, typer.Option(help="ISO 639-1 code, for the sentence boundaries.")] = "en",
    encoding: Annotated[str, typer.Option(help="Encoding of text files.")] = "utf-8",
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave unreadable rows out, and count them.")] = False,
    engine: Annotated[
        EngineChoice, typer.Option(help="local: this machine. ray: over Ray Data, here or on a cluster.")
    ] = EngineChoice.local,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=4096, help="Processes with the model.", show_default="what suits model and machine"),
    ] = None,
    ray_address: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Ray's head node.", show_default="Ray is started here"),
    ] = None,
) -> None:
    """Label every sentence of some files; memory does not grow with the input, and a killed command goes on.

    What is written is the same for any engine and any number of workers.

    Example: stance predict --model runs/transformer/model --input data/articles --output predictions/predictions.csv
    """
    from pipeline.config.predict import PredictConfig
    from pipeline.predict.engines import EngineSettings
    from pipeline.predict.writers import format_of
    from pipeline.records import StanceError

    settings = EngineSettings(engine.value, workers, ray_address)
    if not re.fullmatch("[a-z]{2,3}", language):
        raise StanceError(f"--language {language}: not an ISO 639-1 code. Name one such as en, fr or uk")
    config = PredictConfig(
        inputs=tuple(inputs),
        format=format_of(output),
        read_as=read_as.value,
        batch_size=batch_size,
        text_column=text_column,
        document_column=document_column,
        language=language,
        encoding=encoding,
        on_bad_row="skip" if skip_bad else "fail",
    )
    with interruptible("no output was written; the same command goes on after what is done"):
        _report(*_apply(model, config, output, device.value, settings))


def _apply(
    place: str, config: "PredictConfig", output: Path, device: str, engine: "EngineSettings"
) -> "tuple[Predicted, BadRows, float]":
    import time

    from pipeline.cli.meter import Meter
    from pipeline.ingest import BadRows, passed_over, stream
    from pipeline.models.saved import load_saved
    from pipeline.predict import NothingToPredictError, folder_of, write_answers
    from pipeline.predict.engines import answers_of
    from pipeline.predict.unreadable import listed_beside
    from pipeline.predict.windows import Inputs
    from pipeline.records import StanceError, counted, listing

    console = progress()
    bad_rows = BadRows(config.on_bad_row)
    _check_apart(config, output)
    if others := passed_over(config.inputs, config.read_as):
        told = listing([str(path) for path in others])
        say(console, f"passed over, of a kind that is not read: {told}")
    sentences = stream(config.inputs, config, bad_rows)  # a wrong path is told before the model is loaded
    model = load_saved(folder := folder_of(place), device)
    say(console, f"{place} on {model.device} ({model.device_reason})")
    began = time.monotonic()
    with Meter(console, config) as meter, listed_beside(output) as bad_rows.listener:
        answers = answers_of(engine, model, folder, Inputs(config, bad_rows, sentences))
        job = _job(model, config)
        try:
            predicted = write_answers(answers, model.labels.all, output, config.format, meter.advance, job=job)
        except NothingToPredictError:
            if not bad_rows.messages:
                raise
            n, first = counted(bad_rows.n_skipped, "row"), bad_rows.messages[0]
            raise StanceError(f"predict: no sentence is left: {n} left out, the first: {first}. Mend them") from None
    return predicted, bad_rows, time.monotonic() - began


def _job(model: "StanceModel", config: "PredictConfig") -> str:
    """What is predicted from what: of files it takes size and time for what is in them."""
    from pipeline.ingest import find_sources
    from pipeline.store import fingerprint

    sources = find_sources(config.inputs, config.read_as)
    stats = [source.stat() if isinstance(source, Path) else None for source in sources]
    states = [(stat.st_size, stat.st_mtime_ns) if stat else None for stat in stats]
    settings = config.model_dump(mode="json")
    return fingerprint.of_value([model.saved_as, settings, [str(source) for source in sources], states])


def _check_apart(config: "PredictConfig", output: Path) -> None:
    """Make sure that no input is written over, and that the output does not become one.

    Raises:
        StanceError: the output is one of the inputs, or would be.
    """
    from pipeline.ingest import find_sources
    from pipeline.ingest.find import would_read
    from pipeline.records import StanceError

    inputs = find_sources(config.inputs, config.read_as)
    if any(isinstance(source, Path) and source.resolve() == output.resolve() for source in inputs):
        raise StanceError(f"{output}: is also an input, and would be written over. Name another --output")
    if would_read(config.inputs, config.read_as, output):
        raise StanceError(
            f"{output}: lies where input is read, and would be read itself next time. Name another --output"
        )


def _report(predicted: "Predicted", bad_rows: "BadRows", seconds: float) -> None:
    from pipeline.predict.unreadable import beside
    from pipeline.records import counted

    labels = ", ".join(f"{n} {label}" for label, n in predicted.by_label.items())
    n_new = predicted.n_sentences - predicted.n_before
    before = f"; {predicted.n_before} of them before it was interrupted" if predicted.n_before else ""
    reasons = beside(predicted.output)
    n_all = counted(predicted.n_sentences, "sentence")
    lines = [
        f"{n_all} in {seconds:.1f} s ({n_new / seconds:.0f} a second){before}: {labels}",
        *[f"left out: {message}" for message in bad_rows.messages[:3]],
        *([f"left out in all: {bad_rows.n_skipped}; each with the reason: {reasons}"] if bad_rows.n_skipped else []),
        f"written: {predicted.output}",
    ]
    for line in lines:
        say(progress(), line)

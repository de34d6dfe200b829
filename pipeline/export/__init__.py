"""A trained transformer to a folder that answers the same, faster, without torch; refused where it does not."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.export.convert import converted
from pipeline.export.formats import FORMS, Form, named
from pipeline.export.gate import Answered, Verdict, answered, timed
from pipeline.export.graph import write_graph
from pipeline.models.contract import StanceModel
from pipeline.models.exported import ExportedModel
from pipeline.models.saved import CARD_FILE, save_model
from pipeline.models.transformer import TransformerModel
from pipeline.records import Example, StanceError
from pipeline.store.atomic import atomic_folder
from pipeline.store.jsonl import read_examples

__all__ = ["FORMS", "Export", "Form", "export", "named", "validation_of"]

Said = Callable[[str], None]
ABOUT_AS_FAST = 0.85  # of the fastest's speed: less of a difference may be chance


@dataclass(frozen=True)
class Export:
    """A form that was tried.

    Attributes:
        form: that it has.
        model: itself.
        verdict: how it compares.
    """

    form: Form
    model: ExportedModel
    verdict: Verdict


def export(
    model: StanceModel,
    forms: Sequence[Form],
    validation: Sequence[Example],
    output: Path,
    say: Said = lambda what: None,
) -> tuple[Export | None, list[Export]]:
    """Write the fastest form that is accepted into a folder, whole or not at all.

    Of forms about as fast it is the one that answers most like the model.

    Args:
        model: trained, of kind transformer, on the CPU.
        forms: to try.
        validation: labeled sentences that did not train the model.
        output: the folder to write.
        say: told what is being done.

    Returns:
        What was written, if any was accepted; and all that were tried.

    Raises:
        StanceError: the model is of another kind, or the folder holds something else than a model.
    """
    if not isinstance(model, TransformerModel):
        raise StanceError(f"export: a model of kind {model.kind}; only the kind transformer can be exported")
    if not validation:
        raise StanceError("export: no validation sentence to judge by. Name labeled ones with --validation")
    _check_free(output)
    with tempfile.TemporaryDirectory(prefix="stance-export-") as scratch:
        graph = Path(scratch) / "graph.onnx"
        say("torch's exporter writes the graph")
        write_graph(model.network_.cpu(), graph, model.config.max_length)
        say("the model answers the validation part")
        reference = answered(model, validation)
        tried = []
        for form in forms:
            say(f"{form.name}: written, then measured")
            made = converted(model, form, graph, Path(scratch) / form.name)
            tried.append(Export(form, made, _measured(model, reference, made, validation)))
        best = _best([one for one in tried if not one.verdict.objections])
        if best is not None:
            with atomic_folder(output) as folder:
                save_model(best.model, folder)
    return best, tried


def validation_of(model_folder: Path) -> list[Example]:
    """The validation part of the run that a model's folder lies in.

    Raises:
        StanceError: it does not lie in a run.
    """
    path = model_folder.resolve().parent / "split" / "validation.jsonl"
    if not path.is_file():
        raise StanceError(
            f"{model_folder}: lies in no run whose validation part could judge the export. Name labeled sentences "
            "that did not train it: --validation FILE, a table with the columns text, label and doc_id"
        )
    return read_examples(path)


def _best(accepted: Sequence[Export]) -> Export | None:
    """The fastest; of those about as fast, the one that answers most like the model."""
    fastest = max((one.verdict.speed for one in accepted), default=0.0)
    as_fast = [one for one in accepted if one.verdict.speed >= ABOUT_AS_FAST * fastest]
    return max(as_fast, key=lambda one: (one.verdict.agreement, one.verdict.speed), default=None)


def _measured(model: StanceModel, reference: Answered, made: ExportedModel, validation: Sequence[Example]) -> Verdict:
    found = answered(made, validation)
    own, speed = timed(model, made, [example.text for example in validation])
    return Verdict(
        agreement=float((found.labels == reference.labels).mean()),
        loss=reference.macro_f1 - found.macro_f1,
        speed=speed,
        speedup=speed / own,
        size=sum(path.stat().st_size for path in made.folder_.iterdir()),
    )


def _check_free(output: Path) -> None:
    if output.exists() and not (output / CARD_FILE).is_file() and (not output.is_dir() or any(output.iterdir())):
        raise StanceError(f"{output}: holds something else than a model. Name another --output")

"""The forms that a graph can be given: a file or two that a runtime loads."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipeline.config.exported import EXTRAS, PACKAGES, Precision, Runtime
from pipeline.export.int8 import write_int8
from pipeline.models.exported.engines import FILES
from pipeline.records import StanceError, did_you_mean


@dataclass(frozen=True)
class Form:
    """A runtime and the numbers that it computes with.

    Attributes:
        runtime: what computes the graph.
        precision: numbers it computes with.
        write: the fp32 graph's file to this form's files, in a folder.
    """

    runtime: Runtime
    precision: Precision
    write: Callable[[Path, Path], None]

    @property
    def name(self) -> str:
        """As people call it, such as ``onnx-int8``."""
        return f"{self.runtime}-{self.precision}"

    def why_not_here(self) -> str | None:
        """Why this machine cannot try it; None: it can."""
        if find_spec(PACKAGES[self.runtime]) is None:
            return f"{PACKAGES[self.runtime]} is not installed: pip install 'stance-pipeline[{EXTRAS[self.runtime]}]'"
        if self.precision == "bf16" and not _computes_bf16():
            return "this processor does not compute bf16"
        return None


def named(name: str) -> Form:
    """The form of a name.

    Raises:
        StanceError: there is none.
    """
    for form in FORMS:
        if form.name == name:
            return form
    known = [form.name for form in FORMS]
    raise StanceError(
        f"--as {name}: not a form to export to. Name one of auto, {', '.join(known)}.{did_you_mean(name, known)}"
    )


def _as_it_is(graph: Path, folder: Path) -> None:
    (folder / FILES["onnx"][0]).write_bytes(graph.read_bytes())


def _int8(graph: Path, folder: Path) -> None:
    write_int8(graph, folder / FILES["onnx"][0])


def _openvino(graph: Path, folder: Path) -> None:
    import openvino

    openvino.save_model(openvino.Core().read_model(graph), folder / FILES["openvino"][0], compress_to_fp16=False)


def _openvino_half(graph: Path, folder: Path) -> None:
    """Weights in fp16, which has more digits than the bf16 that they are computed in, and half the room of fp32."""
    import openvino

    openvino.save_model(openvino.Core().read_model(graph), folder / FILES["openvino"][0], compress_to_fp16=True)


def _computes_bf16() -> bool:
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


FORMS = (
    Form("onnx", "fp32", _as_it_is),
    Form("onnx", "int8", _int8),
    Form("openvino", "fp32", _openvino),
    Form("openvino", "bf16", _openvino_half),
)

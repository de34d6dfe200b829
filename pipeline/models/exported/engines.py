"""What computes a graph: ONNX Runtime or OpenVINO. Each thread calls it for a batch of its own, at the same time."""

import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.config.exported import EXTRAS, PACKAGES, ExportedSettings, Runtime
from pipeline.records import StanceError

Tokens = NDArray[np.int64]
Floats = NDArray[np.float32]
Engine = Callable[[Tokens, Tokens], tuple[Floats, Floats]]  # token numbers and mask to logits and vectors
FILES: dict[Runtime, tuple[str, ...]] = {"onnx": ("model.onnx",), "openvino": ("model.xml", "model.bin")}
OUTPUTS = ("logits", "vectors")


def open_engine(folder: Path, settings: ExportedSettings, n_threads: int) -> Engine:
    """The graph in a folder, ready to be called by so many threads at once.

    Raises:
        StanceError: what computes it is not installed, or cannot read it.
    """
    opened = {"onnx": _onnx, "openvino": _openvino}[settings.runtime]
    try:
        import_module(PACKAGES[settings.runtime])
    except ImportError:
        raise StanceError(
            f"{folder}: an export for {PACKAGES[settings.runtime]}, which is not installed. "
            f"pip install 'stance-pipeline[{EXTRAS[settings.runtime]}]'"
        ) from None
    try:
        return opened(folder / FILES[settings.runtime][0], settings.precision, n_threads)
    except RuntimeError as error:  # both raise it, or what is derived from it
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise StanceError(f"{folder}: {PACKAGES[settings.runtime]} cannot read it: {first}. Export it again") from None


def _onnx(path: Path, precision: str, n_threads: int) -> Engine:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a batch a thread: none waits for another
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(tokens: Tokens, mask: Tokens) -> tuple[Floats, Floats]:
        logits, vectors = session.run(list(OUTPUTS), {"input_ids": tokens, "attention_mask": mask})
        return logits, vectors

    return run


def _openvino(path: Path, precision: str, n_threads: int) -> Engine:
    import openvino

    settings = {
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision],
        "INFERENCE_NUM_THREADS": n_threads,
        "NUM_STREAMS": n_threads,  # a batch a thread
        "ENABLE_CPU_PINNING": False,  # other work may need the same processor
    }
    compiled = openvino.Core().compile_model(path, "CPU", settings)
    own: Any = threading.local()

    def run(tokens: Tokens, mask: Tokens) -> tuple[Floats, Floats]:
        if not hasattr(own, "request"):
            own.request = compiled.create_infer_request()
        found = own.request.infer({"input_ids": tokens, "attention_mask": mask}, share_inputs=True)
        logits, vectors = (np.array(found[name]) for name in OUTPUTS)
        return logits, vectors

    return run

"""One contender of `benchmarks/bench.py`, in a process of its own: loads, answers once, then as often as it is told.

    python benchmarks/contenders.py NAME FOLDER

Lines on standard input ask: `time FILE SECONDS` for sentences a second over a JSON list of sentences, `label FILE
OUTPUT` for the labels of all of them. Each is answered by a line of JSON. FOLDER holds what `bench.py` has prepared.
"""

import contextlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

Labels = Callable[[Sequence[str]], list[str]]  # of sentences, in order
BATCH = 32
CHUNK = 8192  # sentences at once, at most


def ours(folder: Path) -> Labels:
    """Any saved model of this project, as `stance predict` asks it."""
    from pipeline import load_model
    from pipeline.predict.engines.here import answer_here
    from pipeline.predict.windows import windows_of
    from pipeline.records import Sentence

    model = load_model(folder)

    def labels(texts: Sequence[str]) -> list[str]:
        sentences = (Sentence("", place, 0, len(text), text, "") for place, text in enumerate(texts))
        answers = answer_here(model, windows_of(sentences, model, BATCH), BATCH)
        return [found.label for _, predictions in answers for found in predictions]

    return labels


def ours_in_processes(folder: Path) -> Labels:
    """Any saved model of this project, in a process a processor, as `stance predict` computes a long input."""
    from pipeline import load_model
    from pipeline.models.threads import n_threads
    from pipeline.predict.engines import processes

    model = load_model(folder)
    pool = OPEN.enter_context(processes._pool(folder, model.device, n_threads()))

    def labels(texts: Sequence[str]) -> list[str]:
        size = BATCH * model.window_batches
        windows = [texts[start : start + size] for start in range(0, len(texts), size)]
        coming = [pool.submit(processes._probabilities, window, BATCH) for window in windows]
        return [found.label for each in coming for found in model.to_predictions(each.result())]

    return labels


def ours_in_bf16(folder: Path) -> Labels:
    """The trained transformer, by torch in bf16."""
    from pipeline import load_model
    from pipeline.models.device import natively

    model = load_model(folder)

    def labels(texts: Sequence[str]) -> list[str]:
        with natively(model.device):
            return [found.label for found in model.predict(texts)]

    return labels


def transformers_pipeline(folder: Path, batch_size: int) -> Labels:
    """What a user would write otherwise; it is given the texts with stand-ins already, for nothing."""
    import torch
    from torch import nn
    from transformers import TextClassificationPipeline
    from transformers.modeling_outputs import SequenceClassifierOutput

    from pipeline import load_model

    model: Any = load_model(folder)

    class Wrapped(nn.Module):
        """The same network with the interface that the pipeline expects."""

        def __init__(self) -> None:
            super().__init__()
            self.network = model.network_
            self.config = model.network_.encoder.config
            self.config.num_labels = len(model.labels.all)
            self.config.id2label = dict(enumerate(model.labels.all))
            self.device, self.dtype = torch.device("cpu"), torch.float32
            self.generation_config = None

        def can_generate(self) -> bool:
            return False

        def forward(self, input_ids: Any, attention_mask: Any, **further: Any) -> SequenceClassifierOutput:
            return SequenceClassifierOutput(logits=self.network(input_ids, attention_mask)["logits"])

    TextClassificationPipeline.check_model_type = lambda self, supported: None
    pipe = TextClassificationPipeline(model=Wrapped().eval(), tokenizer=model.tokenizer_, framework="pt", device=-1)

    def labels(texts: Sequence[str]) -> list[str]:
        seen = list(model.seen(texts))
        return [found["label"] for found in pipe(seen, batch_size=batch_size, truncation=True, max_length=160)]

    return labels


def plain_onnxruntime(folder: Path) -> Labels:
    """ONNX Runtime as it comes, batches of 32 in the order given, with the export's fp32 graph."""
    import onnxruntime
    from tokenizers import Tokenizer

    from pipeline import load_model
    from pipeline.models.batches import padded

    model: Any = load_model(folder)
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(160)

    def labels(texts: Sequence[str]) -> list[str]:
        seen, found = list(model.seen(texts)), []
        for start in range(0, len(seen), 32):
            tokens, mask = padded([e.ids for e in tokenizer.encode_batch(seen[start : start + 32])], 0)
            [logits] = session.run(["logits"], {"input_ids": tokens, "attention_mask": mask})
            found += [model.labels.all[place] for place in logits.argmax(axis=1)]
        return found

    return labels


OPEN = ExitStack()  # till the end
SHARE = 8  # of the time, that one call may take at most
PROCESSES = "a process a processor"

CONTENDERS: dict[str, Callable[[Path], Labels]] = {
    "transformers pipeline, batch 1": lambda folder: transformers_pipeline(folder / "transformer", 1),
    "transformers pipeline, batch 32": lambda folder: transformers_pipeline(folder / "transformer", 32),
    "onnxruntime, batch 32": lambda folder: plain_onnxruntime(folder / "onnx-fp32"),
    "torch fp32": lambda folder: ours(folder / "transformer"),
    "torch bf16": lambda folder: ours_in_bf16(folder / "transformer"),
    "onnx-fp32": lambda folder: ours(folder / "onnx-fp32"),
    "onnx-int8": lambda folder: ours(folder / "onnx-int8"),
    "openvino-fp32": lambda folder: ours(folder / "openvino-fp32"),
    "openvino-bf16": lambda folder: ours(folder / "openvino-bf16"),
    "embedding": lambda folder: ours(folder / "embedding"),
    "cascade": lambda folder: ours(folder / "cascade"),
    "fast": lambda folder: ours(folder / "fast"),
    "baseline": lambda folder: ours(folder / "baseline"),
    **{
        f"{kind}, {PROCESSES}": lambda folder, kind=kind: ours_in_processes(folder / kind)  # type: ignore[misc]
        for kind in ("fast", "baseline")
    },
}


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    with contextlib.redirect_stdout(sys.stderr):
        labels = CONTENDERS[name](folder)
        labels(["We will answer any attack."])
    say({"ready": True})
    for line in sys.stdin:
        task, file, rest = line.rstrip("\n").split("\t")
        texts = json.loads(Path(file).read_text(encoding="utf-8"))
        with contextlib.redirect_stdout(sys.stderr):
            answer = timed(labels, texts, float(rest)) if task == "time" else written(labels, texts, Path(rest))
        say(answer)


def timed(labels: Labels, texts: list[str], seconds: float) -> dict[str, float]:
    """Sentences a second over about so many seconds, in chunks as large as the speed allows."""
    began, n, chunk = time.perf_counter(), 0, 64
    while time.perf_counter() - began < seconds:
        some = [texts[place % len(texts)] for place in range(n, n + chunk)]
        now = time.perf_counter()
        labels(some)
        n += chunk
        if time.perf_counter() - now < seconds / SHARE:
            chunk = min(2 * chunk, CHUNK, len(texts))  # none twice in a call
    return {"n": n, "seconds": time.perf_counter() - began}


def written(labels: Labels, texts: list[str], output: Path) -> dict[str, float]:
    """The labels of all texts to a file; with the most memory that the process ever held, and a sentence's seconds."""
    output.write_text(json.dumps(labels(texts)), encoding="utf-8")
    alone = []
    for text in texts[:200]:
        began = time.perf_counter()
        labels([text])
        alone.append(time.perf_counter() - began)
    return {"peak": peak(), "alone": sorted(alone)[len(alone) // 2]}


def peak() -> float:
    """The most bytes that this process and those it started held. The system's own figure begins with the parent's."""
    if not Path("/proc/self/status").exists():
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    total = 0.0
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        [line] = [li for li in Path(f"/proc/{process.pid}/status").read_text().splitlines() if li.startswith("VmHWM")]
        total += float(line.split()[1]) * 1024
    return total


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    main()

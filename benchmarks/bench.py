"""How fast, how right, how large: this project's models beside what a user would write otherwise, all in one run.

    make bench                          or: python benchmarks/bench.py [--runs FOLDER] [--seconds N] [--only NAME …]

Same machine, same weights, same sentences, each contender in a process of its own, taken in turn, so that other work
disturbs all alike: read the ratios, not the seconds. It takes at most ten minutes. Needs runs/transformer; takes
runs/fast, runs/embedding and runs/baseline where they are there. Sentences are those of ../shared/real/documents.jsonl
where that is present, else of the test part; labels are judged on the test part. Results: bench.csv, bench.md and
bench.png in benchmarks/results.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from contenders import CONTENDERS

from pipeline import load_model
from pipeline.config.train import CascadeTraining
from pipeline.export import FORMS
from pipeline.export.convert import converted
from pipeline.export.graph import write_graph
from pipeline.ingest.segment import sentence_spans
from pipeline.models import make_model
from pipeline.models.saved import save_model
from pipeline.models.selection import macro_f1
from pipeline.store.jsonl import read_examples

DOCUMENTS = Path("../shared/real/documents.jsonl")
RESULTS = Path("benchmarks/results")
YARDSTICK = "transformers pipeline, batch 32"
REFERENCE = "torch fp32"
ROUNDS, N_TIMED, N_JUDGED = 2, 16384, 2000
COLUMNS = (
    "sentences a second",
    "times the pipeline",
    "start-up s",
    "one sentence ms",
    "peak MB",
    "macro-F1",
    "agreement",
)


@dataclass
class Figures:
    """Of one contender."""

    start: float
    rates: list[float] = field(default_factory=list)
    peak: float = 0.0
    alone: float = 0.0
    labels: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Task:
    """What each contender is asked.

    Attributes:
        folder: of the prepared models.
        timed: file of the sentences that are timed.
        judged: file of those whose labels are judged.
        seconds: of timing.
    """

    folder: Path
    timed: Path
    judged: Path
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("runs"), metavar="FOLDER", help="of trained models")
    parser.add_argument("--seconds", type=float, default=5.0, metavar="N", help="a contender and round")
    parser.add_argument("--only", nargs="+", choices=list(CONTENDERS), metavar="NAME")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stance-bench-") as scratch:
        folder = Path(scratch)
        prepare(arguments.runs, folder)
        judged = evenly(read_examples(arguments.runs / "transformer/split/test.jsonl"), N_JUDGED)
        task = Task(folder, folder / "timed.json", folder / "judged.json", arguments.seconds)
        texts = sentences(arguments.runs)
        task.timed.write_text(json.dumps(texts), encoding="utf-8")
        task.judged.write_text(json.dumps([example.text for example in judged]), encoding="utf-8")
        names = [name for name in arguments.only or CONTENDERS if is_there(name, folder)]
        found = {name: Figures(0.0) for name in names}
        for number in range(ROUNDS):
            for name in names:
                measure(name, task, found[name])
                print(f"round {number + 1}: {name}: {found[name].rates[-1]:,.0f} a second", file=sys.stderr, flush=True)
        bounds = product_bounds(arguments.runs, texts)
        labels = load_model(arguments.runs / "transformer/model").labels
    table = rows(found, [example.label for example in judged], labels)
    write(table, bounds, len(texts), arguments.results)


def prepare(runs: Path, folder: Path) -> None:
    """The models that are measured, in one folder: the transformer's forms and the cascade are made here."""
    for name in ("transformer", "fast", "embedding", "baseline"):
        if (runs / name / "model/stance.json").exists():
            (folder / name).symlink_to((runs / name / "model").resolve())
    model: Any = load_model(folder / "transformer", "cpu")
    graph = folder / "graph.onnx"
    write_graph(model.network_, graph, model.config.max_length)
    for form in FORMS:
        if form.why_not_here() is None:
            made = converted(model, form, graph, folder / f"made-{form.name}")
            (folder / form.name).mkdir()
            save_model(made, folder / form.name)
    if (folder / "fast").exists():
        careful = folder / ("openvino-bf16" if (folder / "openvino-bf16").exists() else "onnx-int8")
        parts = [read_examples(runs / "transformer/split" / f"{part}.jsonl") for part in ("train", "validation")]
        settings = CascadeTraining(kind="cascade", fast=folder / "fast", careful=careful)
        cascade = make_model(settings, model.labels, seed=13, device="cpu").fit(*parts)
        (folder / "cascade").mkdir()
        save_model(cascade, folder / "cascade")


def is_there(name: str, folder: Path) -> bool:
    first = name.split(maxsplit=1)[0].rstrip(",")
    needed = {"torch": "transformer", "transformers": "transformer", "onnxruntime": "onnx-fp32"}
    return (folder / needed.get(first, first)).exists()


def sentences(runs: Path) -> list[str]:
    """What is timed: sentences of real documents where they are there."""
    if not DOCUMENTS.exists():
        return [e.text for e in evenly(read_examples(runs / "transformer/split/test.jsonl"), N_TIMED)]
    found: list[str] = []
    for line in DOCUMENTS.open(encoding="utf-8"):
        text = json.loads(line)["text"]
        found += [text[start:end] for start, end in sentence_spans(text, "en")]
    return evenly(list(dict.fromkeys(found)), N_TIMED)


def evenly(listed: list[Any], n: int) -> list[Any]:
    """So many of a list, from all over it, in an order of chance: the first few are like all."""
    places = np.linspace(0, len(listed) - 1, min(n, len(listed)), dtype=int)
    return [listed[place] for place in np.random.default_rng(0).permutation(places)]


def measure(name: str, task: Task, figures: Figures) -> None:
    """One round of one contender, in a process of its own; its labels are judged in the first."""
    command = [sys.executable, str(Path(__file__).with_name("contenders.py")), name, str(task.folder)]
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if not process.stdout.readline():
            sys.exit(f"{name}: {process.communicate()[1]}")
        start = time.perf_counter() - began
        figures.start = min(start, figures.start or start)

        def asked(*words: object) -> dict[str, float]:
            print(*words, sep="\t", file=process.stdin, flush=True)
            answer: dict[str, float] = json.loads(process.stdout.readline())
            return answer

        asked("time", task.timed, task.seconds / 5)  # what is made at first use is made
        answer = asked("time", task.timed, task.seconds)
        figures.rates.append(answer["n"] / answer["seconds"])
        if not figures.labels:
            answer = asked("label", task.judged, task.folder / "labels.json")
            figures.peak, figures.alone = answer["peak"], answer["alone"]
            figures.labels = json.loads((task.folder / "labels.json").read_text(encoding="utf-8"))
        process.stdin.close()


def product_bounds(runs: Path, texts: list[str]) -> dict[str, float]:
    """Sentences a second if the transformer were its matrix products alone, at the best speed seen of one this large.

    Tokens are those of the sentences, without padding; attention's products and all else cost nothing.
    """
    import torch

    model: Any = load_model(runs / "transformer/model", "cpu")
    weights = [p for name, p in model.network_.encoder.named_parameters() if p.ndim == 2 and "embeddings" not in name
               and "pooler" not in name]  # fmt: skip
    ids = model.tokenizer_(list(model.seen(texts)), truncation=True, max_length=model.config.max_length)["input_ids"]
    n_operations = 2 * sum(weight.numel() for weight in weights) * np.mean([len(each) for each in ids])
    n, k = 1536, 384  # as the encoder's largest
    speeds = {}
    for name, make, product in (
        ("bf16", lambda *size: torch.randn(size).bfloat16(), torch.mm),
        ("int8", lambda *size: torch.randint(-127, 127, size, dtype=torch.int8), torch._int_mm),
    ):
        one, other = make(512, k), make(k, n)
        best = float("inf")
        for _ in range(12):
            began = time.perf_counter()
            for _ in range(40):
                product(one, other)
            best = min(best, (time.perf_counter() - began) / 40)
        speeds[name] = 2 * 512 * n * k / best / n_operations
    return speeds


def rows(found: dict[str, Figures], true: list[str], labels: Any) -> list[dict[str, Any]]:
    yardstick = max(found[YARDSTICK].rates) if YARDSTICK in found else float("nan")
    reference = found[REFERENCE].labels if REFERENCE in found else []
    table = []
    for name, figures in found.items():
        rate = max(figures.rates)
        same = np.mean([a == b for a, b in zip(figures.labels, reference, strict=True)]) if reference else float("nan")
        cells = (
            f"{rate:.0f}",
            f"{rate / yardstick:.1f}",
            f"{figures.start:.2f}",
            f"{1000 * figures.alone:.2f}",
            f"{figures.peak / 1e6:.0f}",
            f"{macro_f1(true, figures.labels, labels):.3f}",
            f"{same:.4f}",
        )
        table.append({"contender": name, **dict(zip(COLUMNS, cells, strict=True))})
    return table


def write(table: list[dict[str, Any]], bounds: dict[str, float], n_sentences: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "bench.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["contender", *COLUMNS])
        writer.writeheader()
        writer.writerows(table)
    lines = [f"| contender | {' | '.join(COLUMNS)} |", f"|---|{'--:|' * len(COLUMNS)}"]
    lines += [f"| {' | '.join(row.values())} |" for row in table]
    lines += ["", f"{n_sentences} sentences. Bound by matrix products, sentences a second: " + ", ".join(
        f"{name} {value:.0f}" for name, value in bounds.items()) + "."]  # fmt: skip
    (folder / "bench.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(*lines, sep="\n")
    draw(table, bounds, folder / "bench.png")


def draw(table: list[dict[str, Any]], bounds: dict[str, float], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    ordered = sorted(table, key=lambda row: float(row[COLUMNS[0]]))
    rates = [float(row[COLUMNS[0]]) for row in ordered]
    is_ours = ["pipeline" not in row["contender"] and "onnxruntime," not in row["contender"] for row in ordered]
    figure, axes = pyplot.subplots(figsize=(8, 0.42 * len(ordered) + 1.4), layout="constrained")
    axes.barh(range(len(ordered)), rates, color=["#3b6ea5" if ours else "#b9b9b9" for ours in is_ours])
    axes.set_xscale("log")
    axes.set_yticks(range(len(ordered)), [row["contender"] for row in ordered])
    axes.set_xlim(right=max(rates) * 12)
    for name, value in bounds.items():
        axes.axvline(value, color="#c44", lw=1, ls="--", zorder=0)
        axes.text(value, len(ordered) - 0.4, f"{name} products", color="#c44", fontsize=8, va="bottom", rotation=25)
    for place, row in enumerate(ordered):
        told = f"{rates[place]:,.0f}   macro-F1 {row['macro-F1']}"
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        axes.text(rates[place] * 1.1, place, told, va="center", fontsize=8, bbox=behind)
    axes.set_xlabel("sentences a second (gray: what one would write otherwise)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=140)


if __name__ == "__main__":
    main()

"""Run trained models over real documents: sentences, seconds, sentences a second, and the most memory held.

    python benchmarks/real_documents.py [--documents FILE] [--times N] [MODEL …]

Each model is run by `stance predict` in a process of its own; memory is the largest resident size of that process. The
documents are no part of this project: where they are absent, the benchmark says so and ends well.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from pyarrow import parquet

DOCUMENTS = Path("../shared/real/documents.jsonl")
MODELS = ("runs/baseline/model", "runs/transformer/model")
GIGABYTE = 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL", help="model folders")
    parser.add_argument("--documents", type=Path, default=DOCUMENTS, metavar="FILE", help="JSONL with id and text")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="read the documents so many times over")
    arguments = parser.parse_args()
    if not arguments.documents.exists():
        print(f"skipped: {arguments.documents} is not there")
        return
    print(f"{arguments.documents}, {arguments.times} times; {os.cpu_count()} cores")
    print("| model | sentences | seconds | sentences/s | peak memory, GB | labels |")
    print("|---|--:|--:|--:|--:|---|")
    for model in arguments.models:
        print(row(model, arguments.documents, arguments.times), flush=True)


def row(model: str, documents: Path, times: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "predictions.parquet"
        copies = [copy(documents, Path(folder) / f"{number}.jsonl", number) for number in range(times)]
        inputs = [word for name in copies for word in ("--input", name)]
        options = [*inputs, "--document-column", "id", "--output", str(output), "--skip-bad"]
        command = [sys.executable, "-m", "pipeline", "predict", "--model", model, *options]
        began = time.monotonic()
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        if process.returncode:
            sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
        labels = Counter(parquet.read_table(output, columns=["label"])["label"].to_pylist())
    n = labels.total()
    counts = ", ".join(f"{count} {label}" for label, count in labels.most_common())
    peak = usage.ru_maxrss * 1024 / GIGABYTE
    return f"| {model} | {n:,} | {seconds:.1f} | {n / seconds:.0f} | {peak:.2f} | {counts} |"


def copy(documents: Path, target: Path, number: int) -> str:
    """The documents once more, each under a name of its own: none may come twice in an input."""
    with documents.open(encoding="utf-8") as source, target.open("w", encoding="utf-8") as file:
        for line in source:
            document = json.loads(line)
            file.write(json.dumps({**document, "id": f"{document['id']}-{number}"}) + "\n")
    return str(target)


if __name__ == "__main__":
    main()

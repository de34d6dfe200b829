"""Label many sentences with one model: does memory stay flat, and is the end as fast as the start?

    python benchmarks/long_run.py [--model FOLDER] [--sentences 10000000] [--workers N]

The text is the sentences of `data/articles` again and again, each with a number, so that none is the one before it;
the table that holds them and the output lie in a temporary folder (4 GB for ten million). Memory is that of all
processes together.
"""

import argparse
import json
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from pipeline import load_model
from pipeline.config.predict import PredictConfig
from pipeline.ingest import BadRows, stream
from pipeline.predict import write_answers
from pipeline.predict.engines import EngineSettings, answers_of
from pipeline.predict.windows import Inputs

TENTHS = 10
EVERY = 0.5  # seconds between two looks at the memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("runs/fast/model"), metavar="FOLDER")
    parser.add_argument("--sentences", type=int, default=10_000_000, metavar="N")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: as stance predict)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = written(Path(folder) / "in.jsonl", arguments.sentences)
        seen = labeled(arguments.model, table, Path(folder) / "out.csv", arguments.workers)
    print(*seen, sep="\n")


def written(path: Path, n: int) -> Path:
    config = PredictConfig(inputs=("data/articles",))
    texts = [sentence.text for sentence in stream(config.inputs, config, BadRows())]
    with path.open("w", encoding="utf-8") as file:
        for number in range(n):
            print(json.dumps({"text": f"{texts[number % len(texts)]} ({number})"}, ensure_ascii=False), file=file)
    return path


def labeled(folder: Path, table: Path, output: Path, n_workers: int | None) -> list[str]:
    """Label them; a line a tenth of the work."""
    config = PredictConfig(inputs=(str(table),), read_as="sentences")
    model, bad_rows = load_model(folder), BadRows()
    marks, memory = [(time.monotonic(), 0, 0.0)], Memory()

    def progress(n_sentences: int, source: str) -> None:
        marks.append((time.monotonic(), n_sentences, memory.now))

    inputs = Inputs(config, bad_rows, stream(config.inputs, config, bad_rows))
    answers = answers_of(EngineSettings(n_workers=n_workers), model, folder, inputs)
    done = write_answers(answers, model.labels.all, output, "csv", progress)
    seconds, numbers, sizes = (np.array(column) for column in zip(*marks, strict=True))
    lines = ["| sentences | a second | memory, MB |", "|--:|--:|--:|"]
    ends = np.searchsorted(numbers, np.linspace(0, done.n_sentences, TENTHS + 1))
    for start, end in pairwise(ends):
        rate = (numbers[end] - numbers[start]) / (seconds[end] - seconds[start])
        lines.append(f"| {numbers[end]:,} | {rate:,.0f} | {sizes[start : end + 1].max() / 1e6:,.0f} |")
    whole = seconds[-1] - seconds[0]
    return [
        *lines,
        "",
        f"{whole:.0f} s, {done.n_sentences / whole:,.0f} a second; most memory {memory.most / 1e6:,.0f} MB.",
    ]


class Memory:
    """Looks at the memory of this process and those it started, now and then.

    Attributes:
        now: bytes, at the last look.
        most: the most that was seen.
    """

    def __init__(self) -> None:
        self.now = self.most = 0.0
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        import psutil

        here = psutil.Process()
        while True:
            total = 0.0
            for process in [here, *here.children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss  # what is shared counts once
                except psutil.NoSuchProcess:
                    continue
            self.now, self.most = total, max(total, self.most)
            time.sleep(EVERY)


if __name__ == "__main__":
    main()

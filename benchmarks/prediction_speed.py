"""Sentences a second of models alone, without reading and writing: the test part of a run, all models in one process.

python benchmarks/prediction_speed.py [--run RUN] [MODEL …]
"""

import argparse
import time
from pathlib import Path

from pipeline import load_model
from pipeline.store.jsonl import read_examples

MODELS = ("runs/baseline/model", "runs/fast/model", "runs/embedding/model", "runs/transformer/model")
SECONDS = 10  # about as long is each measured
AT_ONCE = 4096


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL")
    parser.add_argument("--run", type=Path, default=Path("runs/transformer"), metavar="RUN")
    arguments = parser.parse_args()
    texts = [example.text for example in read_examples(arguments.run / "split/test.jsonl")]
    print("| model | sentences a second | times the last one's |\n|---|--:|--:|")
    speeds = {place: speed(place, texts) for place in arguments.models}
    *_, last = speeds.values()
    for place, found in speeds.items():
        print(f"| {place} | {found:,.0f} | {found / last:.1f} |")


def speed(place: str, texts: list[str]) -> float:
    model, n = load_model(place), 0
    model.predict_proba(texts[:200])  # what is loaded at first use is loaded
    began = time.monotonic()
    while time.monotonic() - began < SECONDS:
        some = texts[n % len(texts) :][:AT_ONCE]
        model.predict_proba(some)
        n += len(some)
    return n / (time.monotonic() - began)


if __name__ == "__main__":
    main()

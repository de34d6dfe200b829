"""How models do on the pairs of data/behavior, and on the codebook's own sentences.

python benchmarks/behavior.py [MODEL …]
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from pipeline import load_model
from pipeline.codebook import load_codebook
from pipeline.evaluation.behavior.suites import read_suites, run_suites

FOLDER = Path("data/behavior")
CODEBOOK = Path("data/codebook.yaml")
MODELS = ("runs/baseline/model", "runs/transformer/model")
CONFIDENCE = 0.95


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL")
    print("| model | kind | what | cases | pass | 95 % interval |\n|---|---|---|--:|--:|---|")
    for place in parser.parse_args().models:
        model = load_model(place)
        rates, _ = run_suites(model, read_suites(FOLDER, model.labels.all), CONFIDENCE)
        for rate in rates:
            bounds = f"{rate.low:.0%} to {rate.high:.0%}"
            print(f"| {place} | {rate.suite} | {rate.what} | {rate.n} | {rate.share:.0%} | {bounds} |", flush=True)
        for what, labeled in codebook_sentences():
            answers = model.predict([text for text, _ in labeled])
            right = sum(answer.label == label for answer, (_, label) in zip(answers, labeled, strict=True))
            print(f"| {place} | codebook | {what} | {len(labeled)} | {right / len(labeled):.0%} | |", flush=True)


def codebook_sentences() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    codebook = load_codebook(CODEBOOK)
    yield "examples", [(text, name) for name, entry in codebook.labels.items() for text in entry.examples]
    yield "near misses", [(m.text, m.label) for entry in codebook.labels.values() for m in entry.near_misses]
    yield "settled cases", [(case.text, case.label) for case in codebook.settled_cases]


if __name__ == "__main__":
    main()

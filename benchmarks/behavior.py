"""How a trained model behaves on the pairs in data/behavior, and on the codebook's own sentences.

    python benchmarks/behavior.py [MODEL …]

A flip passes if both labels are right, an invariance if both sentences get the given label, a direction if the label's
probability rises; stays counts pairs whose label does not change, right or wrong. Sentences of the codebook pass if
their label is right.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from pipeline import load_model
from pipeline.codebook import load_codebook
from pipeline.records import Prediction

FOLDER = Path("data/behavior")
CODEBOOK = Path("data/codebook.yaml")
MODELS = ("runs/baseline/model", "runs/transformer/model")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=MODELS, metavar="MODEL", help="model folders")
    print("| model | kind | what | cases | pass | stays |")
    print("|---|---|---|--:|--:|--:|")
    for place in parser.parse_args().models:
        model = load_model(place)
        for kind in ("flip", "invariance", "direction"):
            cases = [json.loads(line) for line in (FOLDER / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()]
            texts = [text for case in cases for text in (case["text"], case["changed"])]
            found = model.predict(texts)
            pairs = list(zip(cases, found[::2], found[1::2], strict=True))
            for what in ("all", *dict.fromkeys(case["what"] for case in cases)):
                chosen = [pair for pair in pairs if what in {"all", pair[0]["what"]}]
                passed = sum(passes(kind, *pair) for pair in chosen) / len(chosen)
                stays = sum(one.label == other.label for _, one, other in chosen) / len(chosen)
                print(f"| {place} | {kind} | {what} | {len(chosen)} | {passed:.0%} | {stays:.0%} |", flush=True)
        for what, labeled in codebook_sentences():
            answers = model.predict([text for text, _ in labeled])
            right = sum(answer.label == label for answer, (_, label) in zip(answers, labeled, strict=True))
            print(f"| {place} | codebook | {what} | {len(labeled)} | {right / len(labeled):.0%} | |", flush=True)


def passes(kind: str, case: dict[str, str], one: Prediction, other: Prediction) -> bool:
    if kind == "flip":
        return (one.label, other.label) == (case["label"], case["changed_label"])
    if kind == "invariance":
        return one.label == other.label == case["label"]
    return other.probabilities[case["raises"]] > one.probabilities[case["raises"]]


def codebook_sentences() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    codebook = load_codebook(CODEBOOK)
    yield "examples", [(text, name) for name, entry in codebook.labels.items() for text in entry.examples]
    yield "near misses", [(m.text, m.label) for entry in codebook.labels.values() for m in entry.near_misses]
    yield "settled cases", [(case.text, case.label) for case in codebook.settled_cases]


if __name__ == "__main__":
    main()

"""What the corpus is made of: tables for its datasheet on standard output, and a picture.

python benchmarks/composition.py [--corpus FOLDER] [--documents FILE] [--picture FILE]
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

LABELS = ("cooperative", "warning", "grievance", "none")
COLORS = ("#3c8d5a", "#d9922e", "#b8433f", "#a9adb3")
Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("data/corpus"), metavar="FOLDER")
    parser.add_argument("--documents", type=Path, default=Path("data/documents.jsonl"), metavar="FILE")
    parser.add_argument("--picture", type=Path, default=Path("data/composition.png"), metavar="FILE")
    arguments = parser.parse_args()
    sentences, documents = read(arguments.corpus, arguments.documents)
    print(*table("file", sentences, lambda row: f"`{row['file']}`"), sep="\n", end="\n\n")
    print(*table("speaker from", sentences, lambda row: documents[row["doc_id"]]["region"]), sep="\n", end="\n\n")
    print(*table("register", sentences, lambda row: documents[row["doc_id"]]["register"]), sep="\n", end="\n\n")
    for line in shares(documents):
        print(line)
    draw(sentences, documents, arguments.picture)


def read(corpus: Path, documents: Path) -> tuple[list[Row], dict[str, Row]]:
    """Sentences with the file they stand in, and documents by id."""
    sentences = [
        {**json.loads(line), "file": path.name}
        for path in sorted(corpus.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    found = map(json.loads, documents.read_text(encoding="utf-8").splitlines())
    return sentences, {document["doc_id"]: document for document in found}


def table(name: str, sentences: list[Row], group: Callable[[Row], str]) -> list[str]:
    """A line a group: documents, sentences, sentences of each label; and all."""
    groups: dict[str, list[Row]] = {}
    for row in sentences:
        groups.setdefault(group(row), []).append(row)
    lines = [f"| {name} | documents | sentences | {' | '.join(LABELS)} | hard |", f"|---|{'--:|' * (len(LABELS) + 3)}"]
    for key, rows in [*sorted(groups.items(), key=lambda pair: -len(pair[1])), ("all", sentences)]:
        counts = Counter(row["label"] for row in rows)
        cells = [len({row["doc_id"] for row in rows}), len(rows), *(counts[label] for label in LABELS)]
        lines.append(f"| {key} | {' | '.join(map(str, cells))} | {sum(row['hard'] for row in rows)} |")
    return lines


def shares(documents: dict[str, Row]) -> list[str]:
    """How many actors there are, and whether one or a pair of them stands out."""
    actors = Counter(name for d in documents.values() for name in {d["speaker"], *d["others"]})
    pairs = Counter(tuple(sorted((d["speaker"], name))) for d in documents.values() for name in d["others"])
    (actor, n_actor), (pair, n_pair) = actors.most_common(1)[0], pairs.most_common(1)[0]
    return [
        f"{len(actors)} states, organizations and groups speak or are spoken to.",
        f"The most frequent, {actor}, is in {n_actor / len(documents):.1%} of the documents.",
        f"The most frequent pair, {' and '.join(pair)}, is in {n_pair / len(documents):.1%}.",
    ]


def draw(sentences: list[Row], documents: dict[str, Row], path: Path) -> None:
    """Shares of the labels by file and by region, and the lengths of sentences."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=[1.2, 1, 1])
    bars(left, sentences, lambda row: row["file"].removesuffix(".jsonl"), "by file")
    bars(middle, sentences, lambda row: documents[row["doc_id"]]["region"], "by the speaker's region")
    lengths = [[min(len(r["text"].split()), 60) for r in sentences if r["label"] == label] for label in LABELS]
    right.hist(lengths, bins=range(0, 64, 4), stacked=True, color=COLORS)
    right.set_title("words a sentence", fontsize=10)
    right.set_xlabel("last bar: 60 and more", fontsize=8)
    right.set_ylabel("sentences")
    figure.legend(LABELS, loc="outside lower center", ncols=len(LABELS), frameon=False)
    figure.savefig(path, dpi=130, metadata={"Software": None})


def bars(axes: Any, sentences: list[Row], group: Callable[[Row], str], title: str) -> None:
    names = [name for name, _ in Counter(map(group, sentences)).most_common()][::-1]
    counts = Counter((group(row), row["label"]) for row in sentences)
    left = np.zeros(len(names))
    for label, color in zip(LABELS, COLORS, strict=True):
        widths = np.array([counts[name, label] for name in names])
        axes.barh(names, widths, left=left, color=color, label=label)
        left += widths
    axes.set_title(f"sentences {title}", fontsize=10)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


if __name__ == "__main__":
    main()

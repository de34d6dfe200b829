"""Train on more and more of the documents, with several seeds, and draw how the score grows.

    python benchmarks/learning_curve.py [--config FILE] [--shares 0.12 …] [--seeds 1 …] [--set KEY=VALUE …]

Each seed splits anew; its validation and test part stay the same for every share. What is done is kept in the table and
not done again, so that the command goes on where it was stopped. A further set that is absent is left out.
"""

import argparse
import csv
import os
import time
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from pipeline import evaluation, ingest, labeling
from pipeline.codebook import codebook_for
from pipeline.config import load_config
from pipeline.config.root import Config
from pipeline.records import Example, Parts
from pipeline.split import split
from pipeline.train import train

TABLE = Path("benchmarks/results/learning_curve.csv")
FIELDS = ("share", "seed", "documents", "sentences", "set", "macro_f1", "seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/transformer.yaml", metavar="FILE", help="the run's config")
    parser.add_argument("--shares", nargs="+", type=float, default=[0.12, 0.25, 0.5, 0.75, 1.0], metavar="SHARE")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], metavar="SEED")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--table", type=Path, default=TABLE, metavar="FILE", help="where figures are kept")
    arguments = parser.parse_args()
    examples: list[Example] = []
    for seed in arguments.seeds:
        config = load_config(arguments.config, [*arguments.overrides, f"seed={seed}"])
        to_do = [share for share in arguments.shares if not is_done(arguments.table, share, seed)]
        if to_do:
            examples = examples or labeled(config)
            parts = split(examples, config.all_labels, config.split, seed).parts
        for share in sorted(to_do, reverse=True):
            keep(arguments.table, measured(config, parts, share))
    print(*lines(arguments.table), sep="\n")
    draw(arguments.table, arguments.table.with_suffix(".png"))


def labeled(config: Config) -> list[Example]:
    return labeling.label(ingest.ingest(config.ingest).sentences, codebook_for(config), config.label).examples


def measured(config: Config, parts: Parts, share: float) -> list[dict[str, object]]:
    """A row a set: one training, on that share of the training documents."""
    fewer = some_documents(parts.train, share, config.seed)
    began = time.monotonic()
    model = train(config, Parts(fewer, parts.validation, parts.test)).model
    seconds = time.monotonic() - began
    found = evaluation.evaluate(model, {"test": parts.test, **further(config)}, config.evaluate, seed=config.seed)
    n_documents = len({example.sentence.document for example in fewer})
    common = {"share": share, "seed": config.seed, "documents": n_documents, "sentences": len(fewer)}
    return [
        {**common, "set": name, "macro_f1": f"{result.macro_f1.value:.4f}", "seconds": f"{seconds:.0f}"}
        for name, result in found.sets.items()
    ]


def some_documents(examples: list[Example], share: float, seed: int) -> list[Example]:
    """The examples of that share of the documents; a smaller share is part of a larger one."""
    names = sorted({example.sentence.document for example in examples})
    order = np.random.default_rng(seed).permutation(names).tolist()
    kept = set(order[: max(1, round(share * len(order)))])
    return [example for example in examples if example.sentence.document in kept]


def further(config: Config) -> dict[str, list[Example]]:
    return {
        entry.name: labeling.gold_examples(ingest.read_all([entry.path], entry).sentences, config.all_labels)
        for entry in config.evaluate.sets
        if Path(entry.path).exists()
    }


def rows(table: Path) -> list[dict[str, str]]:
    if not table.exists():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_done(table: Path, share: float, seed: int) -> bool:
    return any(float(row["share"]) == share and int(row["seed"]) == seed for row in rows(table))


def keep(table: Path, found: list[dict[str, object]]) -> None:
    is_new = not table.exists()
    with table.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerows(found)


def curves(table: Path) -> dict[str, list[tuple[float, float, list[float]]]]:
    """By set: share, mean number of sentences, and the score of each seed."""
    found = rows(table)
    return {
        name: [
            (
                share,
                float(np.mean([int(r["sentences"]) for r in found if float(r["share"]) == share])),
                [float(r["macro_f1"]) for r in found if r["set"] == name and float(r["share"]) == share],
            )
            for share in sorted({float(row["share"]) for row in found})
        ]
        for name in dict.fromkeys(row["set"] for row in found)
    }


def lines(table: Path) -> list[str]:
    """The curves as a table for people."""
    head = [
        "| set | share | training sentences | seeds | macro-F1, mean | lowest | highest |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    return head + [
        f"| {name} | {share:.0%} | {n:.0f} | {len(scores)} | {figures(scores)} |"
        for name, points in curves(table).items()
        for share, n, scores in points
    ]


def figures(scores: list[float]) -> str:
    return f"{np.mean(scores):.3f} | {min(scores):.3f} | {max(scores):.3f}"


def draw(table: Path, path: Path) -> None:
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.add_subplot()
    for name, points in curves(table).items():
        sizes = [n for _, n, _ in points]
        means = [np.mean(scores) for _, _, scores in points]
        [line] = axes.plot(sizes, means, marker="o", label=name)
        low, high = [min(scores) for *_, scores in points], [max(scores) for *_, scores in points]
        axes.fill_between(sizes, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    axes.set_xlabel("training sentences")
    axes.set_ylabel("macro-F1 over the stances")
    axes.set_title("Mean of the seeds, and their range", fontsize=11)
    axes.grid(alpha=0.3)
    axes.legend(title="set")
    figure.savefig(path, dpi=140, metadata={"Software": None})


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line does: much faster on shared cores
    main()

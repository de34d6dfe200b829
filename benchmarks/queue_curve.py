"""How many labels the queue saves: macro-F1 against the number of labels, for each way of choosing them.

    python benchmarks/queue_curve.py [--pool 12000] [--most 600] [--step 50] [--seeds 1 2 3 4 5] [--vectors FILE]

Sentences of the corpus's training part are the pool, their labels are what people would say, the test part judges.
The first step is by spread, or at random for `random`; after each step a model learns (the encoder as it comes, with a
logistic regression, as `configs/embedding.yaml`), and the way chooses the next. For `disagreement` the annotators are
the codebook's rules and that model.
"""

import argparse
import csv
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.preprocessing import StandardScaler

from pipeline import ingest, labeling
from pipeline.codebook import Codebook, codebook_for
from pipeline.config import load_config
from pipeline.config.root import Config
from pipeline.labeling.queue import Pool, Way, alike, choose
from pipeline.labeling.rules import RuleSet
from pipeline.labeling.worklist import Item
from pipeline.models import LabelSet, make_model
from pipeline.models.vectors import unit_length
from pipeline.records import Example
from pipeline.split import split

TABLE = Path("benchmarks/results/queue_curve.csv")
C = 0.01  # what the validation part of configs/embedding.yaml chooses from few labels, too
RECIPES: dict[str, dict[Way, float]] = {
    "random": {"random": 1.0},
    "spread": {"spread": 1.0},
    "uncertainty": {"uncertainty": 1.0},
    "disagreement": {"disagreement": 0.999, "random": 0.001},
    "mix": {"uncertainty": 0.7, "spread": 0.15, "random": 0.15},
}
AIM, WITH, OF = 0.03, 300, 600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", type=int, default=12_000, metavar="N", help="sentences to choose from")
    parser.add_argument("--most", type=int, default=OF, metavar="N", help="labels")
    parser.add_argument("--step", type=int, default=50, metavar="N", help="labels between two trainings")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5], metavar="SEED")
    parser.add_argument("--ways", nargs="+", default=list(RECIPES), choices=list(RECIPES), metavar="WAY")
    parser.add_argument("--vectors", type=Path, metavar="FILE", help="keep the sentences' vectors there, as .npz")
    arguments = parser.parse_args()
    config = load_config("configs/embedding.yaml", [])
    world = World(config, arguments.pool, arguments.vectors)
    for way in arguments.ways:
        for seed in arguments.seeds:
            if not is_done(way, seed, arguments.most):
                keep(way, seed, world.curve(RECIPES[way], seed, arguments.most, arguments.step))
                print(way, seed, flush=True)
    print(*lines(), sep="\n")
    draw(TABLE.with_suffix(".png"))


class World:
    """The pool with its vectors and labels, and the test part."""

    def __init__(self, config: Config, n_pool: int, vectors: Path | None) -> None:
        codebook = codebook_for(config)
        examples = labeling.label(ingest.ingest(config.ingest).sentences, codebook, config.label).examples
        parts = split(examples, config.all_labels, config.split, config.seed).parts
        chosen = np.random.default_rng(0).permutation(len(parts.train))[:n_pool].tolist()
        pool, self._test = [parts.train[place] for place in chosen], parts.test
        self._labels = LabelSet(config.labels, config.background)
        found = vectors_of(config, self._labels, {"pool": pool, "test": self._test}, vectors)
        self._pool, self._judged = found["pool"], found["test"]
        self._units = unit_length(self._pool)
        self._groups = alike([example.text for example in pool])
        self._items = [Item(example.sentence) for example in pool]
        self._true = np.array([example.label for example in pool])
        self._rules = rule_votes(pool, codebook)

    def curve(self, shares: Mapping[Way, float], seed: int, most: int, step: int) -> dict[int, float]:
        """The score after each step."""
        start: dict[Way, float] = {"random": 1.0} if shares == RECIPES["random"] else {"spread": 1.0}
        have = choose(self._rest([], None), step, start, seed).places
        scores = {}
        while True:
            model = self._learned(have)
            scores[len(have)] = self._score(model)
            if len(have) >= most:
                return scores
            left = [place for place in range(len(self._items)) if place not in set(have)]
            chosen = choose(self._rest(have, model(self._pool[left])), step, shares, seed * 1000 + len(have))
            have = [*have, *(left[place] for place in chosen.places)]

    def _rest(self, have: Sequence[int], proba: Any) -> Pool:
        left = [place for place in range(len(self._items)) if place not in set(have)]
        items, votes = [self._items[place] for place in left], {}
        if proba is not None:
            said = [self._labels.all[best] for best in proba.argmax(axis=1).tolist()]
            votes = {
                item.sentence.id: [*self._rules[place], ("model", label, 1.0)]
                for item, place, label in zip(items, left, said, strict=True)
            }
        return Pool(
            items=items,
            labels=self._labels.all,
            proba=proba,
            votes=votes,
            vectors=self._units[left],
            known_vectors=self._units[list(have)] if have else None,
            groups=[self._groups[place] for place in left],
            known_groups=frozenset(self._groups[place] for place in have),
        )

    def _learned(self, have: Sequence[int]) -> Callable[[Any], Any]:
        """A model of what is labeled: vectors to probabilities."""
        scaler = StandardScaler().fit(self._pool[list(have)])
        head = LogisticRegression(C=C, class_weight="balanced", max_iter=1000)
        head.fit(scaler.transform(self._pool[list(have)]), self._true[list(have)])
        order = [head.classes_.tolist().index(label) for label in self._labels.all]
        return lambda vectors: head.predict_proba(scaler.transform(vectors))[:, order]

    def _score(self, model: Callable[[Any], Any]) -> float:
        said = [self._labels.all[best] for best in model(self._judged).argmax(axis=1).tolist()]
        true = [example.label for example in self._test]
        return float(f1_score(true, said, labels=list(self._labels.stances), average="macro"))


def vectors_of(config: Config, labels: LabelSet, parts: Mapping[str, list[Example]], kept: Path | None) -> Any:
    """The encoder's vectors by part, (n_sentences, n_hidden), as `configs/embedding.yaml` has them."""
    if kept is not None and kept.is_file():
        found = np.load(kept)
        if all(len(found[name]) == len(part) for name, part in parts.items()):
            return found
    model = make_model(config.train, labels, seed=0, device="cpu")
    learnable = [next(e for e in parts["pool"] if e.label == label) for label in labels.all]
    model.fit(learnable, learnable)  # the head is of no interest, and the encoder stays as it came
    found = {name: model.embed([example.text for example in part]) for name, part in parts.items()}
    if kept is not None:
        np.savez(kept, **found)
    return found


def rule_votes(pool: Sequence[Example], codebook: Codebook) -> list[list[tuple[str, str, float]]]:
    rules = RuleSet(codebook)
    return [[(f"rule:{vote.rule}", vote.label, 1.0) for vote in rules.votes(example.text)] for example in pool]


def rows() -> list[dict[str, str]]:
    if not TABLE.exists():
        return []
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_done(way: str, seed: int, most: int) -> bool:
    return any(row["way"] == way and int(row["seed"]) == seed and int(row["labels"]) >= most for row in rows())


def keep(way: str, seed: int, curve: Mapping[int, float]) -> None:
    is_new = not TABLE.exists()
    with TABLE.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(["way", "seed", "labels", "macro_f1"])
        writer.writerows([way, seed, n, f"{score:.4f}"] for n, score in curve.items())


def means() -> dict[str, dict[int, list[float]]]:
    """By way and number of labels the score of each seed."""
    found: dict[str, dict[int, list[float]]] = {}
    for row in rows():
        found.setdefault(row["way"], {}).setdefault(int(row["labels"]), []).append(float(row["macro_f1"]))
    return found


def lines() -> list[str]:
    """The curves as a table for people, and whether the aim is met."""
    found = means()
    sizes = [n for n in next(iter(found.values())) if n % 100 == 0]
    table = [
        f"| way | {' | '.join(map(str, sizes))} |",
        f"|---|{'--:|' * len(sizes)}",
        *[f"| {way} | {' | '.join(f'{np.mean(by[n]):.3f}' for n in sizes)} |" for way, by in found.items()],
    ]
    aim = np.mean(found["random"][OF])
    gaps = [f"{way} {aim - np.mean(by[WITH]):+.3f}" for way, by in found.items()]
    return [*table, f"{WITH} labels below {OF} random ones ({aim:.3f}): {', '.join(gaps)}; asked: at most {AIM}"]


def draw(path: Path) -> None:
    figure = Figure(figsize=(6.8, 4.2), layout="constrained")
    axes = figure.add_subplot()
    found = means()
    for way, by in found.items():
        sizes = sorted(by)
        [line] = axes.plot(sizes, [np.mean(by[n]) for n in sizes], marker=".", label=way)
        if way in {"random", "uncertainty"}:
            low, high = [min(by[n]) for n in sizes], [max(by[n]) for n in sizes]
            axes.fill_between(sizes, low, high, color=line.get_color(), alpha=0.12, linewidth=0)
    axes.set_xlabel("labels")
    axes.set_ylabel("macro-F1 over the stances, test part")
    axes.set_title(f"What the queue saves: mean of {len(by[sizes[0]])} seeds, and the range of two", fontsize=11)
    axes.grid(alpha=0.3)
    axes.legend(title="chosen by")
    figure.savefig(path, dpi=140, metadata={"Software": None})


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line does: much faster on shared cores
    main()

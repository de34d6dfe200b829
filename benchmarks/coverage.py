"""Simulate test sets whose truth is known: do intervals hold it, does a comparison see a difference that is not there?

    python benchmarks/coverage.py [--sets N] [--documents N …]

Documents differ in which labels they hold and in how well the models do on them; the truth is the score over very many
documents. Two models of a pair are equally good, and err on the same documents.
"""

import argparse

import numpy as np

from pipeline.config.evaluate import EvaluateConfig
from pipeline.evaluation.bootstrap import Estimate
from pipeline.evaluation.confusion import f1
from pipeline.evaluation.significance import Answers, compare
from pipeline.models.contract import LabelSet

LABELS = LabelSet(("cooperative", "warning", "grievance"), "none")
SHARES = (0.25, 0.13, 0.25, 0.37)
SENTENCES = (6, 14)  # a document
EFFECT = 0.8  # standard deviation of a document's skill, in logits
SEED_EFFECT = 0.15  # and of a training's
N_TRUTH = 40_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=1000, metavar="N", help="test sets to simulate")
    parser.add_argument("--documents", type=int, nargs="+", default=[30, 100, 400], metavar="N")
    arguments = parser.parse_args()
    config, truth = EvaluateConfig(), truths()
    print(
        "| documents | interval holds the truth | with three trainings | a true null rejected | with three trainings |"
    )
    print("|--:|--:|--:|--:|--:|")
    for n_documents in arguments.documents:
        rates = [simulate(n_documents, config, seed, truth) for seed in range(arguments.sets)]
        print(f"| {n_documents} | {' | '.join(f'{rate:.1%}' for rate in np.mean(rates, axis=0))} |", flush=True)


def simulate(
    n_documents: int, config: EvaluateConfig, seed: int, truth: tuple[float, float]
) -> tuple[bool, bool, bool, bool]:
    """Whether intervals of one training and of three hold the truth, and whether nulls of each are rejected."""
    rng = np.random.default_rng([seed, n_documents])
    documents, true, skill = world(n_documents, rng)
    effects = [0.0, 0.0, *rng.normal(0, SEED_EFFECT, 6)]
    predicted = np.stack([answers(true, skill[documents] + effect, rng) for effect in effects])
    found, many = (
        compare(
            Answers(LABELS, true, documents, one, other),
            n_draws=config.bootstrap_draws,
            confidence=config.confidence,
            seed=seed,
        )
        for one, other in ((predicted[:1], predicted[1:2]), (predicted[2:5], predicted[5:]))
    )
    return holds(found.one, truth[0]), holds(many.one, truth[1]), found.is_told_apart, many.is_told_apart


def world(n_documents: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Documents with sentences, their true labels, and each document's skill in logits."""
    lengths = rng.integers(SENTENCES[0], SENTENCES[1] + 1, n_documents)
    documents = np.repeat(np.arange(n_documents), lengths)
    shares = rng.dirichlet(np.array(SHARES) * 6, n_documents).cumsum(axis=1)
    true = (rng.random(len(documents))[:, None] > shares[documents]).sum(axis=1).clip(0, 3)
    return documents, true, rng.normal(1.0, EFFECT, n_documents)


def answers(true: np.ndarray, skill: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Right with the probability that the skill gives, else any label."""
    is_right = rng.random(len(true)) < 1 / (1 + np.exp(-skill))
    return np.where(is_right, true, rng.integers(0, 4, len(true)))


def holds(interval: Estimate, truth: float) -> bool:
    return interval.low <= truth <= interval.high


def truths() -> tuple[float, float]:
    """Macro-F1 over very many documents, of one training, and over many trainings."""
    rng = np.random.default_rng(7)
    documents, true, skill = world(N_TRUTH, rng)
    found = []
    for effect in (0.0, *rng.normal(0, SEED_EFFECT, 200)):
        counts = np.zeros((4, 4))
        np.add.at(counts, (true, answers(true, skill[documents] + effect, rng)), 1)
        found.append(f1(counts)[:3].mean())
    return float(found[0]), float(np.mean(found[1:]))


if __name__ == "__main__":
    main()

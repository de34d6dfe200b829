"""How many wrong labels `stance label doubts` finds: some labels of the corpus are made wrong, and looked for.

    python benchmarks/doubts.py [FILE …] [--share 0.05] [--seeds 1 2 3]

A wrong label is another one at random. Of the list's first N, where N wrong labels were made, so many are wrong; and so
many of the whole list. The corpus's own wrong labels count as right here, so that the figures are a little low.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.codebook import load_codebook
from pipeline.config.ingest import LabeledReadConfig
from pipeline.ingest import read_all
from pipeline.labeling import gold_examples
from pipeline.labeling.doubts import doubts
from pipeline.labeling.held_out import held_out_proba
from pipeline.labeling.labels import label_set
from pipeline.models import LabelSet
from pipeline.records import Example
from pipeline.split import near_duplicates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", default=["data/corpus/news.jsonl", "data/corpus/speeches.jsonl"])
    parser.add_argument("--share", type=float, default=0.05, help="of the labels that are made wrong")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], metavar="SEED")
    arguments = parser.parse_args()
    labels = label_set(load_codebook(Path("data/codebook.yaml")))
    sentences = read_all(arguments.files, LabeledReadConfig(read_as="sentences")).sentences
    examples = gold_examples(sentences, labels.all)
    pairs = near_duplicates([example.text for example in examples], 0.6, 6)
    print(f"{len(examples):,} sentences, {arguments.share:.0%} of the labels made wrong\n")
    print("| seed | made wrong | in the list | of them wrong | of the first N wrong | of all wrong ones listed |")
    print("|---|--:|--:|--:|--:|--:|")
    for seed in arguments.seeds:
        spoiled, wrong = spoil(examples, labels, arguments.share, seed)
        found = doubts(spoiled, labels, held_out_proba(spoiled, labels, pairs=pairs, seed=seed), pairs)
        hits = [item.sentence.id in wrong for item in found]
        n = len(wrong)
        print(f"| {seed} | {n} | {len(found)} | {np.mean(hits):.0%} | {np.mean(hits[:n]):.0%} | {sum(hits) / n:.0%} |")


def spoil(examples: list[Example], labels: LabelSet, share: float, seed: int) -> tuple[list[Example], set[str]]:
    """The examples with some labels made wrong, and the ids of those."""
    rng = np.random.default_rng(seed)
    chosen = set(rng.permutation(len(examples))[: round(share * len(examples))].tolist())
    spoiled = [
        replace(example, label=str(rng.choice([label for label in labels.all if label != example.label])))
        if place in chosen else example
        for place, example in enumerate(examples)
    ]  # fmt: skip
    return spoiled, {examples[place].sentence.id for place in chosen}


if __name__ == "__main__":
    main()

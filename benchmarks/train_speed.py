"""Seconds of training to the same score, and memory: this pipeline, and the transformers Trainer as it comes.

    python benchmarks/train_speed.py [--sentences N] [--config FILE] [--set KEY=VALUE …]

Both fine-tune the same encoder on the same sentences of the corpus's training part and are measured on its validation
part after each epoch. The plain one is `AutoModelForSequenceClassification` with the Trainer's own defaults: fp32,
eight sentences a batch in random order, padded to the longest, learning rate 5e-5, three epochs. Its best score is what
the other has to reach. Each runs in a process of its own, one after the other; seconds are from before the
encoder is loaded to the end of the evaluation that reached the score, and count evaluation for both.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.config import load_config
from pipeline.config.root import Config
from pipeline.models.encoders import locate
from pipeline.models.selection import macro_f1
from pipeline.recipe import Audience, run
from pipeline.records import Example, Parts, TrainingEvent
from pipeline.train import label_set, train

SIDES = ("plain", "pipeline")


@dataclass(frozen=True)
class Curve:
    """Validation macro-F1 after each epoch, the seconds until then, and the process's largest memory in GB."""

    seconds: list[float]
    scores: list[float]
    memory: float

    def seconds_to(self, score: float) -> float | None:
        """Seconds until it had that score; None: never."""
        return next((s for s, found in zip(self.seconds, self.scores, strict=True) if found >= score), None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/transformer.yaml", metavar="FILE")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--sentences", type=int, default=6000, metavar="N", help="of the training part")
    parser.add_argument("--side", choices=SIDES, help="only this one, in this process")
    arguments = parser.parse_args()
    config = load_config(arguments.config, ["name=train_speed", *arguments.overrides])
    parts = some(run(config, Audience(), until="split").split.value.parts, arguments.sentences)
    if arguments.side:
        curve = plain(config, parts) if arguments.side == "plain" else ours(config, parts)
        print(json.dumps(asdict(curve)))
        return
    curves = {side: in_a_process(side) for side in SIDES}
    print(*lines(curves), sep="\n")


def in_a_process(side: str) -> Curve:
    done = subprocess.run(
        [sys.executable, __file__, *sys.argv[1:], "--side", side], check=True, stdout=subprocess.PIPE, text=True
    )
    return Curve(**json.loads(done.stdout.splitlines()[-1]))


def some(parts: Parts, n_train: int) -> Parts:
    """So many training sentences and a third as many to validate on, drawn once for all."""
    rng = np.random.default_rng(7)

    def drawn(examples: list[Example], n: int) -> list[Example]:
        return [examples[i] for i in sorted(rng.permutation(len(examples))[:n].tolist())]

    return Parts(drawn(parts.train, n_train), drawn(parts.validation, n_train // 3), [])


def ours(config: Config, parts: Parts) -> Curve:
    import transformers  # before the clock, as in the other

    assert transformers
    seconds: list[float] = []
    scores: list[float] = []
    began = time.monotonic()

    def hear(event: TrainingEvent) -> None:
        if "validation_macro_f1" in event.metrics:
            seconds.append(time.monotonic() - began)
            scores.append(event.metrics["validation_macro_f1"])

    with tempfile.TemporaryDirectory() as scratch:
        train(config, parts, hear, Path(scratch))
    return Curve(seconds, scores, memory())


def plain(config: Config, parts: Parts) -> Curve:
    from datasets import Dataset
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    labels, place = label_set(config), locate(config.train.encoder)
    tokenizer = AutoTokenizer.from_pretrained(place)

    def tokenized(examples: list[Example]) -> Dataset:
        columns = dict(tokenizer([e.text for e in examples], truncation=True, max_length=config.train.max_length))
        return Dataset.from_dict({**columns, "labels": [labels.all.index(e.label) for e in examples]})

    def score(output: Any) -> dict[str, float]:
        names = np.array(labels.all)
        said = names[output.predictions.argmax(axis=1)].tolist()
        found = macro_f1(names[output.label_ids].tolist(), said, labels)
        seconds.append(time.monotonic() - began)
        scores.append(found)
        return {"macro_f1": found}

    seconds: list[float] = []
    scores: list[float] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=AutoModelForSequenceClassification.from_pretrained(place, num_labels=len(labels.all)),
            args=TrainingArguments(
                output_dir=folder, eval_strategy="epoch", save_strategy="epoch", report_to="none", disable_tqdm=True
            ),
            train_dataset=tokenized(parts.train),
            eval_dataset=tokenized(parts.validation),
            data_collator=DataCollatorWithPadding(tokenizer),
            compute_metrics=score,
        )
        trainer.train()
    return Curve(seconds, scores, memory())


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def lines(curves: dict[str, Curve]) -> list[str]:
    goal = max(curves["plain"].scores)
    reached = {side: curve.seconds_to(goal) for side, curve in curves.items()}
    rows = [
        "| training | macro-F1 after each epoch | seconds to the plain one's best | peak memory, GB |",
        "|---|---|--:|--:|",
    ]
    for side, curve in curves.items():
        found = "not reached" if reached[side] is None else f"{reached[side]:.0f}"
        scores = ", ".join(f"{score:.3f}" for score in curve.scores)
        rows.append(f"| {side} | {scores} | {found} | {curve.memory:.2f} |")
    if reached["pipeline"] is not None and reached["plain"]:
        rows.append(f"\nShare of the plain one's time: {reached['pipeline'] / reached['plain']:.2f}")
    return rows


if __name__ == "__main__":
    main()

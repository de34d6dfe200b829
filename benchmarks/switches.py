"""Train with one switch of the config turned at a time, with several seeds, and tell what each is worth.

    python benchmarks/switches.py [--only NAME …] [--seeds N …] [--sentences N] [--set KEY=VALUE …]

All train on the same documents of the training part and are measured on the same ones of the test part, and on the real
set where it is there. What is done is kept in the table and not done again, so that the command goes on where it was
stopped. Differences are paired by seed; ± is twice their standard error.
"""

import argparse
import csv
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.config import load_config
from pipeline.config.root import Config
from pipeline.models import StanceModel
from pipeline.models.saved import save_model
from pipeline.models.selection import macro_f1
from pipeline.recipe import Audience, run
from pipeline.records import Example, Parts, ignore
from pipeline.sets import read_set
from pipeline.store import fingerprint
from pipeline.teach import load_teachers, teach
from pipeline.train import label_set, train

TABLE = Path("benchmarks/results/switches.csv")
FIELDS = ("switch", "seed", "test", "real", "seconds")
BASE = (
    "name=switches", "train.frozen_layers=0", "train.epochs=4", "train.early_stopping=4", "train.learning_rate=0.0002",
)  # fmt: skip
TEST_SENTENCES, VALIDATION_SENTENCES = 2000, 600
SENTENCES = 1200
DRAW = 7  # of the documents
SEED = 13  # of the split, and of what all seeds share
KEPT = Path(tempfile.gettempdir()) / "stance-switches"  # models that several trainings learn from, by what they saw


@dataclass(frozen=True)
class Switch:
    """A way of training.

    Attributes:
        settings: of the config, besides those of all.
        prepare: changes the parts; None: as they are.
    """

    settings: tuple[str, ...] = ()
    prepare: Callable[[Config, Parts, int], Parts] | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=Path("configs/transformer.yaml"), metavar="FILE")
    parser.add_argument("--only", nargs="+", choices=list(SWITCHES), default=list(SWITCHES), metavar="NAME")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5], metavar="N")
    parser.add_argument("--sentences", type=int, default=SENTENCES, metavar="N", help="of the training part")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--table", type=Path, default=TABLE, metavar="FILE", help="where figures are kept")
    arguments = parser.parse_args()
    common = [*BASE, *arguments.overrides]
    config = load_config(arguments.config, common)
    parts = some_documents(run(config, Audience(), until="split").split.value.parts, arguments.sentences)
    real = [
        e for entry in config.evaluate.sets if Path(entry.path).exists() for e in read_set(entry, config.all_labels)[0]
    ]
    for name in arguments.only:
        for seed in arguments.seeds:
            if (name, str(seed)) not in {(row["switch"], row["seed"]) for row in rows(arguments.table)}:
                switched = load_config(arguments.config, [*common, *SWITCHES[name].settings, f"seed={seed}"])
                keep(arguments.table, {"switch": name, "seed": seed, **measured(switched, SWITCHES[name], parts, real)})
    print(*lines(arguments.table), sep="\n")


def some_documents(parts: Parts, n_train: int) -> Parts:
    """Whole documents, drawn once for all, up to so many sentences a part."""
    rng = np.random.default_rng(DRAW)

    def some(examples: list[Example], n: int) -> list[Example]:
        names = sorted({example.sentence.document for example in examples})
        place = {name: i for i, name in enumerate(rng.permutation(names).tolist())}
        return sorted(examples, key=lambda e: (place[e.sentence.document], e.sentence.position))[:n]

    return Parts(
        some(parts.train, n_train), some(parts.validation, VALIDATION_SENTENCES), some(parts.test, TEST_SENTENCES)
    )


def measured(config: Config, switch: Switch, parts: Parts, real: list[Example]) -> dict[str, object]:
    began = time.monotonic()
    if switch.prepare is not None:
        parts = switch.prepare(config, Parts(parts.train, parts.validation, [*parts.test, *real]), config.seed)
        parts, real = (
            Parts(parts.train, parts.validation, parts.test[: -len(real) or None]),
            parts.test[len(parts.test) - len(real) :],
        )
    if config.pretrain is not None:
        config = after_reading(config, parts)
    model = train(config, parts).model
    seconds = time.monotonic() - began
    scores = {
        name: f"{score(model, part):.4f}" if part else "" for name, part in (("test", parts.test), ("real", real))
    }
    return {**scores, "seconds": f"{seconds:.0f}"}


def score(model: StanceModel, examples: list[Example]) -> float:
    said = [found.label for found in model.predict([example.text for example in examples], batch_size=64)]
    return macro_f1([example.label for example in examples], said, model.labels)


def after_reading(config: Config, parts: Parts) -> Config:
    """The config, which starts from an encoder that has read the whole training part, once for all seeds."""
    from pipeline.pretrain import pretrain

    folder, once = kept(config, parts) / "pretrained", config.model_copy(update={"seed": SEED})
    if not (folder / "encoder" / "config.json").exists():
        unlabeled = run(once, Audience(), until="split").split.value.parts.train
        read = pretrain(once, [e.sentence for e in [*parts.train, *unlabeled]], ignore, folder / "scratch")
        read.tokenizer.save_pretrained(folder / "encoder")
        read.encoder.save_pretrained(folder / "encoder")
    return config.model_copy(update={"train": config.train.model_copy(update={"encoder": str(folder / "encoder")})})


def kept(config: Config, parts: Parts) -> Path:
    """A folder for what is learned from these parts with these settings, seeds apart."""
    settings = config.train.model_dump(mode="json")
    key = fingerprint.of_value(
        [settings, [example.sentence.id for example in parts.train], fingerprint.of_code(["models"])]
    )
    return KEPT / key[:16]


def with_context(config: Config, parts: Parts, seed: int) -> Parts:
    """Each sentence after the one before it in its document."""
    before = {(e.sentence.document, e.sentence.position): e.text for _, part in parts.items() for e in part}
    path = next((Path(entry.path) for entry in config.evaluate.sets if Path(entry.path).exists()), None)
    real = {row["text"]: row["before"] for row in map(json.loads, path.open(encoding="utf-8"))} if path else {}

    def seen(example: Example) -> Example:
        sentence = example.sentence
        context = real.get(example.text) or before.get((sentence.document, sentence.position - 1), "")
        return example.with_text(f"{context} [SEP] {example.text}") if context else example

    return Parts(*([seen(example) for example in part] for _, part in parts.items()))


def taught_by(*, n: int, n_unlabeled: int) -> Callable[[Config, Parts, int], Parts]:
    """Learns from so many models of other seeds, of its own sentences and of others without their labels."""

    def prepare(config: Config, parts: Parts, seed: int) -> Parts:
        folders = [kept(config, parts) / f"teacher-{number}" for number in range(n)]
        for number, place in enumerate(folders):
            if not (place / "stance.json").exists():
                teacher = train(config.model_copy(update={"seed": 100 + number}), parts).model
                place.mkdir(parents=True)
                save_model(teacher, place)
        section = load_config(
            "configs/transformer.yaml", [f"teach={{teachers: {json.dumps([str(p) for p in folders])}, share: 0.5}}"]
        ).teach
        assert section is not None
        others = run(config.model_copy(update={"seed": SEED}), Audience(), until="split").split.value.parts.train
        unlabeled = [e.sentence for e in others[:n_unlabeled]]
        teachers = load_teachers(folders, label_set(config), "cpu")
        return replace(parts, train=teach(section, parts, unlabeled, teachers).examples)

    return prepare


SWITCHES = {
    "plain": Switch(),
    "pooling: cls": Switch(("train.pooling=cls",)),
    "pooling: attention": Switch(("train.pooling=attention",)),
    "head: mlp": Switch(("train.head=mlp",)),
    "frozen_layers: 3": Switch(("train.frozen_layers=3",)),
    "layer_decay: 0.85": Switch(("train.layer_decay=0.85",)),
    "schedule: cosine": Switch(("train.schedule=cosine",)),
    "epochs: 8": Switch(("train.epochs=8", "train.early_stopping=3")),
    "label_smoothing: 0.1": Switch(("train.label_smoothing=0.1",)),
    "r_drop: 1.0": Switch(("train.r_drop=1.0",)),
    "adversarial: 0.5": Switch(("train.adversarial=0.5",)),
    "dropout_samples: 5": Switch(("train.dropout_samples=5", "train.dropout=0.3")),
    "average_decay: 0.99": Switch(("train.average_decay=0.99",)),
    "contrastive_epochs: 2": Switch(("train.contrastive_epochs=2",)),
    "soft_labels: true": Switch(("train.soft_labels=true",)),
    "context: the sentence before": Switch(prepare=with_context),
    "pretrain: 25,000 sentences": Switch(("pretrain={epochs: 1}",)),
    "teach: five seeds": Switch(prepare=taught_by(n=5, n_unlabeled=0)),
    "teach: five seeds, 5,000 sentences": Switch(prepare=taught_by(n=5, n_unlabeled=5000)),
}


def rows(table: Path) -> list[dict[str, str]]:
    if not table.exists():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keep(table: Path, row: dict[str, object]) -> None:
    is_new = not table.exists()
    with table.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if is_new:
            writer.writeheader()
        writer.writerow(row)
    print(row, flush=True)


def lines(table: Path) -> list[str]:
    """A row a switch: mean and spread of its seeds, and its difference from training as it is."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows(table):
        figures = {name: float(row[name]) for name in ("test", "real", "seconds") if row[name]}
        found.setdefault(row["switch"], {})[row["seed"]] = figures
    result = ["| switch | seeds | test | difference | real | difference | time |", "|---|--:|--:|--:|--:|--:|--:|"]
    for name, by_seed in found.items():
        cells = [cell for key in ("test", "real") for cell in compared(by_seed, found["plain"], key)]
        shared = [seed for seed in by_seed if seed in found["plain"]]
        ratio = np.median([by_seed[seed]["seconds"] / found["plain"][seed]["seconds"] for seed in shared])
        result.append(f"| {name} | {len(by_seed)} | {' | '.join(cells)} | {ratio:.1f} |")
    return result


def compared(ours: dict[str, dict[str, float]], plain: dict[str, dict[str, float]], key: str) -> list[str]:
    """Mean and standard deviation over seeds, and the mean difference with twice its standard error."""
    values = [figures[key] for figures in ours.values() if key in figures]
    if not values:
        return ["", ""]
    differences = [100 * (ours[seed][key] - plain[seed][key]) for seed in ours if seed in plain]
    mean = f"{np.mean(values):.3f} ± {np.std(values, ddof=min(1, len(values) - 1)):.3f}"
    if ours is plain or len(differences) < 2:
        return [mean, ""]
    error = 2 * np.std(differences, ddof=1) / np.sqrt(len(differences))
    return [mean, f"{np.mean(differences):+.1f} ± {error:.1f}"]


if __name__ == "__main__":
    main()

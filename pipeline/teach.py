"""What trained models say of the training part and of sentences without a label, for a smaller one to learn."""

import glob
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.config.teach import TeachConfig
from pipeline.ingest import LIBRARIES as INGEST_LIBRARIES
from pipeline.models.contract import LabelSet, StanceModel
from pipeline.models.device import natively
from pipeline.models.saved import LIBRARIES, MODEL_CARD, check_labels, load_saved
from pipeline.records import Example, Parts, Sentence, StanceError, percent
from pipeline.store import fingerprint
from pipeline.store.jsonl import read_examples, write_examples
from pipeline.store.manifest import read_manifest
from pipeline.store.run_folder import MANIFESTS, Stage

ORIGIN = "teacher"  # of examples that no person or rule has labeled
CHUNK = 1024  # sentences between two words of progress


@dataclass(frozen=True)
class Taught:
    """What the stage gives.

    Attributes:
        examples: the training part, each with what the teachers say of it; then those that only they labeled.
        agreement: share of the training part whose label the teachers would give, too.
    """

    examples: list[Example]
    agreement: float

    def summary(self) -> dict[str, Any]:
        """Figures for people."""
        n_new = sum(example.origin == ORIGIN for example in self.examples)
        return {
            "examples": len(self.examples) - n_new,
            "teachers agree": percent(self.agreement),
            "labeled by them": n_new,
        }


def teach(
    config: TeachConfig,
    parts: Parts,
    unlabeled: Sequence[Sentence],
    teachers: Sequence[StanceModel],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Taught:
    """The training part with the teachers' mean answers, and what they make of sentences that stand in no part.

    Hinton, Vinyals and Dean (2015), with the targets mixed instead of the losses, which is the same.

    Args:
        config: how much the teachers count.
        parts: of the examples.
        unlabeled: sentences without a label.
        teachers: trained models of the same labels.
        progress: told of sentences read, and of how many there are.
    """
    known = {example.text for _, part in parts.items() for example in part}
    new = list({sentence.text: sentence for sentence in unlabeled if sentence.text not in known}.values())
    texts = [*(example.text for example in parts.train), *(sentence.text for sentence in new)]
    labels = teachers[0].labels.all
    said = _mean_answers(teachers, texts, config.batch_size, progress)
    rows = [dict(zip(labels, row, strict=True)) for row in said.tolist()]
    n_train = len(parts.train)
    taught = [_mixed(example, row, config.share) for example, row in zip(parts.train, rows[:n_train], strict=True)]
    best = [labels[place] for place in said.argmax(axis=1)]
    agreement = np.mean([e.label == label for e, label in zip(parts.train, best[:n_train], strict=True)])
    added = [Example(*each) for each in zip(new, best[n_train:], [ORIGIN] * len(new), rows[n_train:], strict=True)]
    return Taught([*taught, *added], float(agreement))


def find_teachers(asked: Sequence[str]) -> list[Path]:
    """The folders that paths and globs name.

    Raises:
        StanceError: one names none.
    """
    folders: list[Path] = []
    for name in asked:
        found = sorted(glob.glob(name)) if glob.has_magic(name) else [name]  # noqa: PTH207
        if not found:
            raise StanceError(f"teach.teachers: {name}: nothing there. Train the teachers first, or mend the pattern")
        folders += map(Path, found)
    return folders


def load_teachers(folders: Sequence[Path], labels: LabelSet, device: str) -> list[StanceModel]:
    """The models of some folders.

    Raises:
        StanceError: a folder holds no whole model, or its labels are others.
    """
    check_teachers(folders, labels)
    return [load_saved(folder, device) for folder in folders]


def check_teachers(folders: Sequence[Path], labels: LabelSet) -> None:
    """Make sure that the folders hold models of these labels.

    Raises:
        StanceError: one does not.
    """
    for folder in folders:
        check_labels("teach.teachers", folder, labels)


def of_another_split(folders: Sequence[Path], split: str) -> list[str]:
    """The teachers of runs with another split than this one, by its fingerprint: they may have seen its test part."""
    return [str(folder) for folder in folders if _split_of(folder) not in {None, split}]


def _split_of(folder: Path) -> str | None:
    for run_dir in folder.resolve().parents[:2]:  # of runs/NAME/model, and of runs/NAME/training/model
        manifest = read_manifest(run_dir / MANIFESTS / "split.json")
        if manifest is not None:
            return manifest.fingerprint
    return None


def teacher_inputs(folders: Sequence[Path]) -> dict[str, str]:
    """Fingerprints of the teachers, by folder."""
    return {
        f"teacher {folder}": fingerprint.of_value(fingerprint.of_folder(folder, (MODEL_CARD,))) for folder in folders
    }


def _mean_answers(
    teachers: Sequence[StanceModel], texts: Sequence[str], batch_size: int, progress: Callable[[int, int], None]
) -> NDArray[np.float64]:
    """Mean of the teachers' probabilities, calibrated where they are, (n_texts, n_labels)."""
    return np.concatenate(list(_answers(teachers, texts, batch_size, progress)))


def _answers(
    teachers: Sequence[StanceModel], texts: Sequence[str], batch_size: int, progress: Callable[[int, int], None]
) -> Iterator[NDArray[np.float64]]:
    for start in range(0, len(texts), CHUNK):
        some = texts[start : start + CHUNK]
        with natively(teachers[0].device):
            yield np.mean([teacher.predict_proba(some, batch_size=batch_size) for teacher in teachers], axis=0)
        progress(min(start + CHUNK, len(texts)), len(texts))


def _mixed(example: Example, said: dict[str, float], share: float) -> Example:
    shares = {label: share * value for label, value in said.items()}
    shares[example.label] += 1 - share
    return replace(example, shares=shares)


def _save(result: Taught, folder: Path) -> None:
    write_examples(folder / "examples.jsonl", result.examples)
    (folder / "agreement.txt").write_text(f"{result.agreement}\n", encoding="utf-8")


def _load(folder: Path) -> Taught:
    agreement = float((folder / "agreement.txt").read_text(encoding="utf-8"))
    return Taught(read_examples(folder / "examples.jsonl"), agreement)


STAGE: Stage[Taught] = Stage(
    name="teach",
    folder="taught",
    save=_save,
    load=_load,
    code=("teach.py", "models", "countries", "ingest"),
    libraries=tuple(sorted({*INGEST_LIBRARIES, *chain.from_iterable(LIBRARIES.values())})),
    summarize=Taught.summary,
)

"""Examples to a training, a validation and a test part: by document, stratified, near-duplicates on one side."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config.split import SplitConfig
from pipeline.records import Example, Parts, StanceError, listing
from pipeline.split.grouped import PART_NAMES, deal, deal_one_by_one, document_groups
from pipeline.split.near_duplicates import near_duplicates
from pipeline.store.atomic import write_text
from pipeline.store.jsonl import read_examples, write_examples
from pipeline.store.run_folder import Stage

__all__ = ["PART_NAMES", "STAGE", "SplitResult", "check_parts", "near_duplicates", "split"]

Pair = tuple[int, int]
SEEDS = 2**32  # there are no more
ATTEMPTS = (100, 200)  # shuffles tried until every part has enough of every label: by folds, then one by one


@dataclass(frozen=True)
class SplitResult:
    """What the stage gives.

    Attributes:
        parts: for training, validation and test.
        pairs: of near-duplicate sentences, by id.
        set_aside: examples that fell to validation or test and that no person labeled, while others were: only people
            judge where there are people.
    """

    parts: Parts
    pairs: list[tuple[str, str]]
    set_aside: list[Example]

    def summary(self) -> dict[str, Any]:
        """What fell where."""
        counts = {
            name: {"sentences": len(part), "labels": dict(sorted(Counter(e.label for e in part).items()))}
            for name, part in self.parts.items()
        }
        documents = {name: sorted({e.sentence.document for e in part}) for name, part in self.parts.items()}
        aside = {"set aside, not labeled by people": len(self.set_aside)} if self.set_aside else {}
        return {**counts, "near_duplicate_pairs": len(self.pairs), **aside, "documents": documents}


def split(examples: Sequence[Example], labels: Sequence[str], config: SplitConfig, seed: int) -> SplitResult:
    """The examples in three parts; the same examples and seed always give the same parts.

    Raises:
        StanceError: there are too few documents, or too few examples of a label.
    """
    documents, names = [example.sentence.document for example in examples], [example.label for example in examples]
    n_documents = len(set(documents))
    if n_documents < len(PART_NAMES):
        raise StanceError(_too_few_documents(n_documents))
    scarce = [label for label in labels if names.count(label) < len(PART_NAMES) * config.min_per_label]
    if scarce:
        raise StanceError(_too_few(examples, scarce, config.min_per_label))
    texts = [example.text for example in examples]
    pairs = near_duplicates(texts, config.near_duplicate_jaccard, config.near_duplicate_min_words)
    groups = document_groups(documents, pairs)
    n_groups = len(set(groups.tolist()))
    if n_groups < len(PART_NAMES):
        raise StanceError(_too_much_alike(n_documents, n_groups, [examples[i] for i in pairs[0]]))
    for attempt in range(sum(ATTEMPTS)):
        way = deal if attempt < ATTEMPTS[0] else deal_one_by_one  # where documents are few, folds are too coarse
        parts, aside = _collect(examples, way(names, groups, config, (seed + attempt) % SEEDS).tolist())
        lacking = _lacking(parts, labels, config.min_per_label)
        if not lacking:
            check_parts(parts, [(examples[i], examples[j]) for i, j in pairs])
            return SplitResult(parts, [(examples[i].sentence.id, examples[j].sentence.id) for i, j in pairs], aside)
    raise StanceError(_too_few(examples, lacking, config.min_per_label))


def check_parts(parts: Parts, pairs: Sequence[tuple[Example, Example]]) -> None:
    """Make sure that no document and no pair of near-duplicates has a foot in two parts.

    Raises:
        StanceError: one has; the run must not go on.
    """
    home: dict[str, str] = {}
    for name, part in parts.items():
        for example in part:
            document = example.sentence.document
            if home.setdefault(document, name) != name:
                raise StanceError(f"split: document {document} is in {home[document]} and in {name}. Split by document")
    for one, other in pairs:
        sides = home.get(one.sentence.document), home.get(other.sentence.document)
        if None not in sides and sides[0] != sides[1]:
            raise StanceError(
                f"split: near-duplicates in {sides[0]} and {sides[1]}: {one.sentence.id} and {other.sentence.id}. "
                "Keep their documents in one part"
            )


def _collect(examples: Sequence[Example], names: Sequence[str]) -> tuple[Parts, list[Example]]:
    """The parts, and what is set aside."""
    parts: dict[str, list[Example]] = {name: [] for name in PART_NAMES}
    aside = []
    has_people = any(example.is_by_people for example in examples)
    for example, name in zip(examples, names, strict=True):
        if has_people and not example.is_by_people and name != "train":
            aside.append(example)
        else:
            parts[name].append(example)
    return Parts(**parts), aside


def _lacking(parts: Parts, labels: Sequence[str], least: int) -> list[str]:
    """The labels that a part has too few examples of."""
    counts = [Counter(example.label for example in part) for _, part in parts.items()]
    return [label for label in labels if any(count[label] < least for count in counts)]


def _too_few(examples: Sequence[Example], rare: Sequence[str], least: int) -> str:
    documents = {label: [e.sentence.document for e in examples if e.label == label] for label in rare}
    found = [
        f'label "{label}" has {len(named)} in {len(set(named))} document{"" if len(set(named)) == 1 else "s"}'
        for label, named in documents.items()
    ]
    return (
        f"split: too few examples: {listing(found)}; each of train, validation and test needs {least} of every "
        "label, and a document stays whole. Label more documents, or lower split.min_per_label"
    )


def _too_few_documents(n_documents: int) -> str:
    return (
        f"split: three parts need at least three documents; found {n_documents}. Add documents, or name their column "
        "(ingest.document_column)"
    )


def _too_much_alike(n_documents: int, n_groups: int, pair: Sequence[Example]) -> str:
    one, other = (f"{example.sentence.source} “{example.text}”" for example in pair)
    return (
        f"split: near-duplicate sentences tie {n_documents} documents into {n_groups}, and three parts need three. "
        f"Such a pair: {one} and {other}. Take repeated sentences out, or raise split.near_duplicate_jaccard"
    )


def _save(result: SplitResult, folder: Path) -> None:
    for name, part in result.parts.items():
        write_examples(folder / f"{name}.jsonl", part)
    write_examples(folder / "set_aside.jsonl", result.set_aside)
    write_text(folder / "near_duplicates.json", json.dumps(result.pairs, indent=1, ensure_ascii=False) + "\n")


def _load(folder: Path) -> SplitResult:
    parts = Parts(**{name: read_examples(folder / f"{name}.jsonl") for name in PART_NAMES})
    pairs = json.loads((folder / "near_duplicates.json").read_text(encoding="utf-8"))
    return SplitResult(parts, [(one, other) for one, other in pairs], read_examples(folder / "set_aside.jsonl"))


STAGE = Stage(
    name="split",
    folder="split",
    save=_save,
    load=_load,
    code=("split", "records.py", "store/jsonl.py"),
    libraries=("datasketch", "scikit-learn"),
    summarize=SplitResult.summary,
)

"""How right each way of putting votes together is, where people's labels are known.

Beside them stands a model trained on those labels alone: that simple thing often wins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.codebook import Codebook
from pipeline.config.label import METHODS, LabelConfig, Method
from pipeline.labeling.aggregate import aggregate
from pipeline.labeling.decide import by_votes
from pipeline.labeling.held_out import held_out_proba
from pipeline.labeling.labels import label_set
from pipeline.labeling.rules import RuleVote, winner
from pipeline.models.selection import macro_f1
from pipeline.records import Example, Sentence, StanceError, counted

PRIORITY = "priority"
ALONE = "a model of the gold alone"
MOST = 2000  # sentences that are judged on: a sample of more says the same
LEAST = 20  # of fewer, figures say nothing
OF_RULES: tuple[Method, ...] = ("majority", "dawid_skene")  # MACE takes seconds, and rules do not guess


@dataclass(frozen=True)
class Judged:
    """How right one way of putting votes together is, where people's labels are known.

    Attributes:
        method: the way.
        n_gold: sentences that people labeled.
        accuracy: share of them that get the right label; one without a vote is wrong.
        macro_f1: over the stances; one without a vote is the background.
    """

    method: str
    n_gold: int
    accuracy: float
    macro_f1: float


@dataclass(frozen=True)
class Compared:
    """All ways beside the one that is used.

    Attributes:
        used: the way that the config asks for; None: no vote is asked.
        methods: each way.
        note: why one is not among them.
    """

    used: str | None = None
    methods: Sequence[Judged] = field(default_factory=list)
    note: str = ""


def compare(
    sentences: Sequence[Sentence],
    cast: Sequence[Sequence[RuleVote]],
    votes: Any,
    codebook: Codebook,
    config: LabelConfig,
) -> Compared:
    """What the labeling stage would get right in each way; nothing where no vote is asked, or no gold is there.

    Args:
        sentences: of the stage.
        cast: the rules' votes on each.
        votes: that stand in the table of votes; None: there is no table.
        codebook: with labels and rules.
        config: which way is used.
    """
    gold = _sample([sentence for sentence in sentences if sentence.gold is not None])
    is_asked = any(sentence.gold is None for sentence in sentences) or not config.asks_gold
    if not gold or not is_asked or not (config.asks_votes or config.asks_rules):
        return Compared()
    if len(gold) < LEAST:
        return Compared(note=f"{counted(len(gold), 'sentence')} of gold: ways are compared from {LEAST} on")
    if votes is None:
        of_rules = _as_table(sentences, cast)
        by_priority = _by_priority(gold, dict(zip((s.id for s in sentences), cast, strict=True)), codebook)
        found = [by_priority, *_ways(of_rules, gold, codebook, OF_RULES)]
        return _with_gold_alone(PRIORITY, found, gold, codebook)
    found = []
    for method in METHODS:
        by = by_votes(votes, sentences, codebook, config.model_copy(update={"method": method}))  # as the stage goes it
        found.append(_judged(method, gold, {name: each.label or "" for name, each in by.items()}, codebook))
    return _with_gold_alone(config.method, found, gold, codebook)


def judge(votes: Any, gold: Sequence[Sentence], codebook: Codebook) -> Compared:
    """Every way, measured on sentences that people labeled.

    Raises:
        StanceError: none of these has a vote, or there is no gold.
    """
    labeled = [sentence for sentence in gold if sentence.gold is not None]
    voted = set(votes["sentence_id"].to_pylist())
    if not any(sentence.id in voted for sentence in labeled):
        raise StanceError(
            f"none of {counted(len(labeled), 'sentence')} that people labeled has a vote. Are the votes of other "
            "documents?"
        )
    sampled = _sample(labeled)
    return _with_gold_alone(None, _ways(votes, sampled, codebook), sampled, codebook)


def _ways(
    votes: Any, gold: Sequence[Sentence], codebook: Codebook, methods: Sequence[Method] = METHODS
) -> list[Judged]:
    if len(votes) == 0:
        return []
    order = codebook.order
    return [_judged(method, gold, aggregate(votes, order, method).winners(), codebook) for method in methods]


def _with_gold_alone(used: str | None, found: list[Judged], gold: Sequence[Sentence], codebook: Codebook) -> Compared:
    try:
        return Compared(used, [*found, _alone(gold, codebook)])
    except StanceError as error:
        return Compared(used, found, f"{ALONE} cannot be had: {error}")


def _alone(gold: Sequence[Sentence], codebook: Codebook) -> Judged:
    """What one would have without any vote.

    Raises:
        StanceError: there is too little gold to hold some of it out.
    """
    labels = label_set(codebook)
    examples = [Example(sentence, sentence.gold, "gold") for sentence in gold if sentence.gold is not None]
    said = [labels.all[place] for place in held_out_proba(examples, labels).argmax(axis=1).tolist()]
    return _judged(ALONE, gold, dict(zip((s.id for s in gold), said, strict=True)), codebook)


def _by_priority(gold: Sequence[Sentence], cast: Mapping[str, Sequence[RuleVote]], codebook: Codebook) -> Judged:
    found = {sentence.id: winner(cast[sentence.id], codebook.order) for sentence in gold}
    return _judged(PRIORITY, gold, {name: vote.label for name, vote in found.items() if vote is not None}, codebook)


def _judged(method: str, gold: Sequence[Sentence], winners: Mapping[str, str], codebook: Codebook) -> Judged:
    true = [sentence.gold or "" for sentence in gold]
    hits = sum(winners.get(sentence.id) == sentence.gold for sentence in gold)
    said = [winners.get(sentence.id, codebook.background) for sentence in gold]
    return Judged(method, len(gold), hits / len(gold), macro_f1(true, said, label_set(codebook)))


def _sample(gold: Sequence[Sentence]) -> list[Sentence]:
    if len(gold) <= MOST:
        return list(gold)
    return [gold[place] for place in np.sort(np.random.default_rng(0).permutation(len(gold))[:MOST]).tolist()]


def _as_table(sentences: Sequence[Sentence], cast: Sequence[Sequence[RuleVote]]) -> Any:
    """The rules' votes as a table of Arrow, as it would stand in the table of votes."""
    import pyarrow as pa

    rows = [(s.id, f"rule:{vote.rule}", vote.label) for s, some in zip(sentences, cast, strict=True) for vote in some]
    names, annotators, labels = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {"sentence_id": pa.array(names, pa.string()), "annotator": pa.array(annotators, pa.string()),
         "label": pa.array(labels, pa.string()), "weight": pa.array([1.0] * len(rows), pa.float64())}
    )  # fmt: skip

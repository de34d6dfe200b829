"""Sentences, votes and a model to a pool: what can be labeled next, and what is known of it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from pipeline.config.train import EmbeddingTraining
from pipeline.labeling.queue.pool import Pool, alike
from pipeline.labeling.queue.ways import Way
from pipeline.labeling.worklist import Item
from pipeline.models import LabelSet, StanceModel
from pipeline.records import Sentence, StanceError
from pipeline.votes import check_texts

AsVotes = dict[str, list[tuple[str, str, float]]]


def gather(
    items: Sequence[Item],
    labeled: Sequence[Sentence],
    ways: Collection[Way],
    labels: LabelSet,
    *,
    votes: Any = None,
    model: StanceModel | None = None,
    sample: int = 20_000,
    again: bool = False,
    seed: int = 0,
) -> Pool:
    """The sentences that nobody has labeled, and what the ways need to know of them.

    Args:
        items: to choose from.
        labeled: sentences that people labeled elsewhere, which none of the chosen should be like.
        ways: in which it will be chosen.
        labels: of the codebook.
        votes: that stand, of the schema of `pipeline.votes`; None: there is no table.
        model: asked for probabilities and vectors; None: the default encoder gives vectors, and nothing probabilities.
        sample: of a larger pool so many are looked at.
        again: whether labeled sentences are chosen from, too.
        seed: of the sample.

    Raises:
        StanceError: nothing is left to label, or the model knows other labels.
    """
    _check_model(model, labels)
    if votes is not None:
        check_texts(votes, {item.sentence.id: item.sentence.text for item in items}, "the votes")
    voted = set() if votes is None else _voted_by_people(votes)
    is_done = [item.sentence.gold is not None or item.sentence.id in voted for item in items]
    open_ = _sampled([item for item, done in zip(items, is_done, strict=True) if again or not done], sample, seed)
    if not open_:
        raise StanceError(f"all of {len(items)} sentences are labeled: nothing to choose. Give others, or say --again")
    done = [] if again else [item.sentence for item, done in zip(items, is_done, strict=True) if done]
    known = [sentence.text for sentence in (*labeled, *done)]
    texts = [item.sentence.text for item in open_]
    groups = alike([*known, *texts])
    embed = _embedder(model, labels) if "spread" in ways else None
    return Pool(
        items=open_,
        labels=labels.all,
        proba=None if model is None else model.predict_proba(texts),
        votes=_by_sentence(votes),
        vectors=None if embed is None else embed(texts),
        known_vectors=embed(known) if embed is not None and known else None,
        groups=groups[len(known) :],
        known_groups=frozenset(groups[: len(known)]),
    )


def _check_model(model: StanceModel | None, labels: LabelSet) -> None:
    if model is not None and model.labels.all != labels.all:
        raise StanceError(
            f"the model knows the labels {', '.join(model.labels.all)}, the codebook {', '.join(labels.all)}. Name a "
            "model of this codebook"
        )


def _sampled(items: list[Item], most: int, seed: int) -> list[Item]:
    if len(items) <= most:
        return items
    return [items[place] for place in np.sort(np.random.default_rng(seed).permutation(len(items))[:most]).tolist()]


def _embedder(model: StanceModel | None, labels: LabelSet) -> Any:
    if model is not None and model.kind != "exported":
        return model.embed
    from pipeline.models.transformer.embedding import as_it_comes

    return as_it_comes(EmbeddingTraining(kind="embedding"), labels).embed


def _by_sentence(votes: Any) -> AsVotes:
    found: AsVotes = defaultdict(list)
    if votes is not None:
        columns = (votes[name].to_pylist() for name in ("sentence_id", "annotator", "label", "weight"))
        for name, annotator, label, weight in zip(*columns, strict=True):
            found[name].append((annotator, label, weight))
    return found


def _voted_by_people(votes: Any) -> set[str]:
    from pyarrow import compute

    return set(votes.filter(compute.equal(votes["kind"], "person"))["sentence_id"].to_pylist())

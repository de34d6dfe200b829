"""A queue from a pool: ways take turns by their shares, and nothing that is nearly the same is chosen twice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pipeline.labeling.queue.pool import Pool
from pipeline.labeling.queue.ways import Way, rank
from pipeline.labeling.worklist import Item


@dataclass(frozen=True)
class Chosen:
    """What to label next.

    Attributes:
        items: in the order in which they should be labeled, each with why it is there and a model's suggestion.
        places: of them in the pool.
        by_way: how many each way has chosen.
        n_alike: sentences passed over because they are nearly the same as a labeled or an earlier one.
    """

    items: list[Item]
    places: list[int]
    by_way: dict[Way, int]
    n_alike: int


def choose(pool: Pool, n: int, shares: Mapping[Way, float], seed: int) -> Chosen:
    """The next sentences to label; fewer than n only where the pool has no more.

    Args:
        pool: of sentences without a label.
        n: how many.
        shares: of each way; they are taken in proportion.
        seed: of chance.

    Raises:
        StanceError: the pool does not know what a way needs.
    """
    total = sum(shares.values())
    rankings = {}
    for number, (way, share) in enumerate(shares.items()):
        wanted = max(1, round(n * share / total))
        order, why = rank(way, pool, wanted, np.random.default_rng([seed, number]))
        rankings[way] = (iter(order), why, share / total)
    groups = pool.groups or range(len(pool.items))
    have, passed, taken = set(pool.known_groups), set(), dict.fromkeys(rankings, 0)
    chosen: dict[int, Item] = {}
    while rankings and len(chosen) < n:
        way = min(rankings, key=lambda name: (taken[name] + 1) / rankings[name][2])  # the one that is behind the most
        order_left, why, _ = rankings[way]
        place = next(order_left, None)
        if place is None:
            del rankings[way]
            continue
        if groups[place] in have:
            passed.add(place)
            continue
        chosen[place] = _suggested(replace(pool.items[place], why=why(place)), pool, place)
        have.add(groups[place])
        taken[way] += 1
    return Chosen(list(chosen.values()), list(chosen), taken, len(passed - set(chosen)))


def _suggested(item: Item, pool: Pool, place: int) -> Item:
    if pool.proba is None:
        return item
    best = int(pool.proba[place].argmax())
    return replace(item, suggestion=pool.labels[best], score=round(float(pool.proba[place, best]), 4))

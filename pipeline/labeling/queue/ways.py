"""Each way to order a pool: what should be labeled first, and why."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from pipeline.labeling.queue.pool import Pool
from pipeline.records import StanceError

Way = Literal["uncertainty", "disagreement", "spread", "random", "order"]
WAYS: tuple[Way, ...] = get_args(Way)
SHOWN_VOTES = 4

Ranking = tuple[list[int], Callable[[int], str]]  # places, the first one first; and why one is there


def rank(way: Way, pool: Pool, n: int, rng: np.random.Generator) -> Ranking:
    """The pool's places in the order of one way, and what says why each is there.

    Args:
        way: to order by.
        pool: of sentences.
        n: how many are wanted, so that these are unlike each other; more may be asked for.
        rng: what chance is taken from.

    Raises:
        StanceError: the pool does not know what the way needs.
    """
    by: dict[Way, Callable[[Pool, int, np.random.Generator], Ranking]] = {
        "uncertainty": _uncertainty,
        "disagreement": _disagreement,
        "spread": _spread,
        "random": lambda pool, n, rng: (rng.permutation(len(pool.items)).tolist(), lambda place: "at random"),
        "order": lambda pool, n, rng: (list(range(len(pool.items))), lambda place: pool.items[place].why),
    }
    return by[way](pool, n, rng)


def _uncertainty(pool: Pool, n: int, rng: np.random.Generator) -> Ranking:
    """By the margin between the two likeliest labels (Scheffer, Decomain and Wrobel 2001), the smallest first.

    Tried and not better: one of each of n clusters of unsure sentences (Zhdanov 2019), and the entropy; see
    `benchmarks/queue_curve.py`.
    """
    if pool.proba is None:
        raise StanceError("uncertainty is a model's: name one with --model, or choose in other ways (--by spread=1)")
    proba = pool.proba
    two = np.sort(proba, axis=1)[:, -2:]
    order = (two[:, 1] - two[:, 0]).argsort(kind="stable")

    def why(place: int) -> str:
        best = proba[place].argsort()[::-1][:2].tolist()
        return "unsure: " + ", ".join(f"{pool.labels[label]} {proba[place, label]:.2f}" for label in best)

    return order.tolist(), why


def _disagreement(pool: Pool, n: int, rng: np.random.Generator) -> Ranking:
    """By the entropy of the weights of the votes; of equal ones, by chance; what has one opinion is left out.

    Vote entropy: Dagan and Engelson 1995, https://doi.org/10.1016/B978-1-55860-377-6.50027-X.
    """
    entropies = np.array([_entropy(pool.votes.get(item.sentence.id, ())) for item in pool.items])
    if not entropies.any():
        raise StanceError(
            "disagreement is of votes: on no sentence of the pool have two annotators different opinions. Add votes "
            "(--votes FOLDER), or choose in other ways (--by spread=1)"
        )
    order = np.lexsort((rng.random(len(entropies)), -entropies))

    def why(place: int) -> str:
        votes = pool.votes[pool.items[place].sentence.id]
        shown = ", ".join(f"{annotator} {label}" for annotator, label, _ in votes[:SHOWN_VOTES])
        left = len(votes) - SHOWN_VOTES
        return f"annotators differ: {shown}{f' and {left} more' if left > 0 else ''}"

    return [place for place in order.tolist() if entropies[place] > 0], why


def _spread(pool: Pool, n: int, rng: np.random.Generator) -> Ranking:
    """One sentence of each of n clusters in which nothing is labeled yet, the largest first; then by chance.

    Typical ones, and not the farthest, which are odd (Hacohen, Dekel and Weinshall 2022,
    https://proceedings.mlr.press/v162/hacohen22a.html).
    """
    if pool.vectors is None:
        raise StanceError("spread needs the sentences' vectors")
    first = _central(pool.vectors, n, rng, pool.known_vectors)
    why = "typical of many" if pool.known_vectors is None else "unlike what is labeled already"
    rest = rng.permutation(np.setdiff1d(np.arange(len(pool.items)), first))
    return [*first.tolist(), *rest.tolist()], lambda place: why


def _central(vectors: Any, n: int, rng: np.random.Generator, known: Any) -> NDArray[np.intp]:
    """Places of the vectors nearest to the centers of n clusters without known ones, the largest cluster first."""
    from sklearn.cluster import MiniBatchKMeans

    n_known = 0 if known is None else known.shape[0]
    n_clusters = min(n + n_known, vectors.shape[0])
    means = MiniBatchKMeans(n_clusters, random_state=int(rng.integers(2**31)), n_init=1, batch_size=2048)
    distances = means.fit(vectors).transform(vectors)
    cluster = distances.argmin(axis=1)
    taken = set(means.predict(known).tolist()) if n_known else set()
    sizes = np.bincount(cluster, minlength=n_clusters)
    chosen = [
        _nearest(cluster, distances, number) for number in sizes.argsort(kind="stable")[::-1].tolist()
        if sizes[number] and number not in taken
    ]  # fmt: skip
    return np.array(chosen[:n], dtype=np.intp)


def _nearest(cluster: NDArray[np.intp], distances: NDArray[Any], number: int) -> int:
    members = np.flatnonzero(cluster == number)
    return int(members[distances[members, number].argmin()])


def _entropy(votes: Sequence[tuple[str, str, float]]) -> float:
    """Of the shares of the labels among the votes, in bits."""
    weights: dict[str, float] = {}
    for _, label, weight in votes:
        weights[label] = weights.get(label, 0.0) + weight
    shares = np.array(list(weights.values())) / (sum(weights.values()) or 1.0)
    return float(-(shares * np.log2(shares)).sum()) if len(shares) > 1 else 0.0

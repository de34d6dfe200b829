"""Labels that people gave, checked against the codebook."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pipeline.records import Example, Sentence, StanceError, did_you_mean

MOST_SHOWN = 3


def gold_examples(sentences: Iterable[Sentence], labels: Sequence[str]) -> list[Example]:
    """The sentences that people labeled, as examples.

    Raises:
        StanceError: a label is not one of `labels`; file, line and count are named.
    """
    labeled = [sentence for sentence in sentences if sentence.gold is not None]
    check_gold(labeled, labels)
    return [Example(sentence, sentence.gold, "gold") for sentence in labeled if sentence.gold is not None]


def check_gold(sentences: Iterable[Sentence], labels: Sequence[str]) -> None:
    """Make sure that every gold label is one of `labels`.

    Raises:
        StanceError: one is not; for each such label its first place, its count and the nearest right one.
    """
    known = set(labels)
    strange: dict[str, list[str]] = defaultdict(list)
    for sentence in sentences:
        if sentence.gold is not None and sentence.gold not in known:
            strange[sentence.gold].append(sentence.source)
    if strange:
        lines = [_complaint(label, places, labels) for label, places in strange.items()]
        left = len(lines) - MOST_SHOWN
        more = [f"and {left} more unknown {'label' if left == 1 else 'labels'}"] if left > 0 else []
        raise StanceError("\n".join([*lines[:MOST_SHOWN], *more]))


def _complaint(label: str, places: Sequence[str], labels: Sequence[str]) -> str:
    rows = "1 row" if len(places) == 1 else f"{len(places)} rows"
    hint = did_you_mean(label, labels) or " Mend it, or define it in the codebook."
    return f'{places[0]}: label "{label}" is not one of {", ".join(labels)} ({rows}).{hint}'

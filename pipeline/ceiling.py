"""How right people are: one annotator against the rest, which no model should be asked to exceed by much."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.models import LabelSet
from pipeline.models.selection import macro_f1
from pipeline.records import Sentence


@dataclass(frozen=True)
class Ceiling:
    """One annotator against the majority of the others, as a mean over the annotators.

    Attributes:
        macro_f1: over the stances.
        by_label: F1 of each label.
        error: share of the sentences on which the one differs.
        by_annotator: macro-F1 of each.
        n_sentences: that at least two labeled.
    """

    macro_f1: float
    by_label: Mapping[str, float]
    error: float
    by_annotator: Mapping[str, float]
    n_sentences: int


def human_ceiling(sentences: Sequence[Sentence], labels: LabelSet) -> Ceiling | None:
    """What people reach, going by each annotator's own labels; None where no sentence has two.

    Where the rest is divided so that no label leads, the sentence does not count for that annotator.
    """
    shared = [sentence.annotators for sentence in sentences if len(sentence.annotators) > 1]
    found = {name: _against_the_rest(name, shared) for name in dict.fromkeys(n for votes in shared for n in votes)}
    found = {name: pairs for name, pairs in found.items() if pairs}
    if not found:
        return None
    scores = {
        name: macro_f1([rest for rest, _ in pairs], [own for _, own in pairs], labels) for name, pairs in found.items()
    }
    return Ceiling(
        macro_f1=_mean(list(scores.values())),
        by_label={label: _mean([_f1(pairs, label) for pairs in found.values()]) for label in labels.all},
        error=_mean([sum(rest != own for rest, own in pairs) / len(pairs) for pairs in found.values()]),
        by_annotator=scores,
        n_sentences=len(shared),
    )


def _against_the_rest(name: str, shared: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """What the majority of the others says and what this one says, a pair a sentence."""
    pairs = []
    for votes in shared:
        if name in votes:
            ranked = Counter(label for other, label in votes.items() if other != name).most_common(2)
            if len(ranked) == 1 or ranked[0][1] > ranked[1][1]:
                pairs.append((ranked[0][0], votes[name]))
    return pairs


def _f1(pairs: Sequence[tuple[str, str]], label: str) -> float:
    hits = sum(rest == own == label for rest, own in pairs)
    n = sum((rest == label) + (own == label) for rest, own in pairs)
    return 2 * hits / n if n else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)

"""What the page shows to an annotator: a sentence, and how far they are. Never an answer of somebody else."""

from collections import Counter
from itertools import pairwise
from statistics import median

from pipeline.annotate.ledger import Given, Ledger, Progress
from pipeline.annotate.schema import Shown, Standing, View
from pipeline.records import StanceError

OF_LATE = 20  # answers whose pace is shown
ENOUGH = 4


def view_of(ledger: Ledger, annotator: str, sentence_id: str | None = None, *, suggests: bool = True) -> View:
    """The sentence asked for, or the one that waits.

    Raises:
        StanceError: the sentence is not in the list.
    """
    progress = ledger.progress(annotator)
    waiting = ledger.waiting(progress)
    chosen = sentence_id or waiting
    if chosen is not None and chosen not in ledger.items:
        raise StanceError(f'no sentence "{chosen}" in this list. Load the page again')
    earlier, later = _neighbors(progress, chosen)
    counts = Counter(given.label for given in progress.given.values())
    return View(
        annotator=annotator,
        n_sentences=len(ledger.items),
        n_answered=len(progress.given),
        n_skipped=len(progress.skipped),
        n_hard=sum(given.is_hard for given in progress.given.values()),
        counts={label: counts[label] for label in ledger.labels},
        pace=_pace(list(progress.given.values())),
        shown=None if chosen is None else _shown(ledger, progress, chosen, suggests=suggests),
        earlier=earlier,
        later=later,
    )


def _shown(ledger: Ledger, progress: Progress, sentence_id: str, *, suggests: bool) -> Shown:
    item, given = ledger.items[sentence_id], progress.given.get(sentence_id)
    return Shown(
        id=sentence_id,
        document=item.sentence.document,
        position=item.sentence.position,
        number=list(ledger.items).index(sentence_id) + 1,
        text=item.sentence.text,
        before=item.before,
        after=item.after,
        why=item.why,
        suggestion=item.suggestion if suggests else None,
        score=item.score if suggests else None,
        was_skipped=sentence_id in progress.skipped,
        answer=given and Standing(label=given.label, is_hard=given.is_hard, revision=given.revision),
    )


def _neighbors(progress: Progress, sentence_id: str | None) -> tuple[str | None, str | None]:
    """The sentences answered before and after this one."""
    answered = list(progress.given)
    if sentence_id not in progress.given:
        return (answered[-1] if answered else None), None
    place = answered.index(sentence_id)
    return (answered[place - 1] if place else None), (answered[place + 1] if place + 1 < len(answered) else None)


def _pace(given: list[Given]) -> float | None:
    """Sentences a minute by the median of the times between answers: a break does not slow it."""
    seconds = [(later.when - sooner.when).total_seconds() for sooner, later in pairwise(given[-OF_LATE:])]
    typical = median(seconds) if len(seconds) >= ENOUGH - 1 else 0.0
    return 60 / typical if typical > 0 else None

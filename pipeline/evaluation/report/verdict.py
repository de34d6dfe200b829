"""What an evaluation comes to, in sentences."""

from collections.abc import Iterator, Sequence

from pipeline.evaluation.behavior import Behaved
from pipeline.evaluation.metrics import FEW_DOCUMENTS, Evaluation
from pipeline.models.calibration import Abstention, Calibration
from pipeline.records import counted, listing, percent

GOOD_ECE = 0.05  # calibration error that is hard to see in use
HIGH_FLIP_RATE = 0.1  # of swaps that put one state in
EVEN = 0.02  # difference of precision and recall that says nothing


def verdict(name: str, sets: Sequence[Evaluation], behaved: Behaved | None = None) -> list[str]:
    """The finding, then what to bear in mind; the first set is the run's own test part."""
    test, *others = sets
    first = (
        f"On {counted(test.n_sentences, 'sentence')} of {counted(test.n_documents, 'document')} that it never saw, "
        f"{name} reaches a macro-F1 of {test.headline}."
    )
    found = [first, *_on_others(test, others), *_weakest(test), _probabilities(test, others), *_promise(sets)]
    return [
        *found,
        *_behavior(behaved),
        "On text of another kind it may do worse: measure on your own (evaluate.sets).",
    ]


def calibration_in_words(calibration: Calibration, abstention: Abstention) -> str:
    """How the model's probabilities came about, and when it abstains."""
    how = {
        "none": "Probabilities are the model's own.",
        "temperature": f"Probabilities: temperature {calibration.temperature:.2f}, fitted on the validation part.",
        "isotonic": "Probabilities: an isotonic curve a label, fitted on the validation part.",
    }
    when = {
        "none": "The model never abstains.",
        "risk": f"It abstains where the label's probability is under {abstention.threshold:.3f}, so that "
        f"at most {percent(abstention.max_error)} of the labels that it stands by are wrong on text like the "
        f"validation part's, with {percent(abstention.confidence)} confidence.",
        "conformal": f"It abstains where not just one label has a probability of {abstention.threshold:.3f} or more; "
        f"such labels hold the true one in {percent(1 - abstention.max_error)} of sentences "
        "like the validation part's.",
    }
    if abstention.method == "risk" and abstention.threshold > 1:
        never = (
            f"It abstains from everything: no part of its labels could be promised to have at most "
            f"{percent(abstention.max_error)} wrong. More validation sentences, or a larger max_error, may change that."
        )
        return f"{how[calibration.method]} {never}"
    return f"{how[calibration.method]} {when[abstention.method]}"


def _on_others(test: Evaluation, others: Sequence[Evaluation]) -> Iterator[str]:
    for found in others:
        gap = found.headline.value - test.headline.value
        side = "below" if gap < 0 else "above"
        where = f"On {found.name}, {counted(found.n_sentences, 'sentence')}"
        few = (
            f" Of {counted(found.n_documents, 'document')} this says little."
            if found.n_documents < FEW_DOCUMENTS
            else ""
        )
        yield f"{where}: {found.headline}, {abs(gap):.3f} {side} the test part.{few}"


def _weakest(test: Evaluation) -> Iterator[str]:
    label, score = min(test.by_label.items(), key=lambda pair: pair[1].f1.value)
    figures = f"precision {score.precision:.2f}, recall {score.recall:.2f}"
    what = "which it rather misses" if score.recall < score.precision else "which it rather sees too often"
    even = abs(score.recall - score.precision) < EVEN
    yield f"It is weakest on {label} (F1 {score.f1}){'' if even else f', {what}'}: {figures}."


def _probabilities(test: Evaluation, others: Sequence[Evaluation]) -> str:
    ece, before = test.calibrated.ece, test.raw.ece.value
    told = "mean what they say" if ece.value <= GOOD_ECE else "are not to be taken at their word"
    elsewhere = "".join(f"; on {found.name} {found.calibrated.ece.value:.3f}" for found in others)
    return (
        f"On {test.name} its probabilities {told}: calibration error {ece}, {before:.3f} before calibration{elsewhere}."
    )


def _promise(sets: Sequence[Evaluation]) -> Iterator[str]:
    for found in sets:
        chosen = found.abstaining
        if chosen is None:
            continue
        if chosen.kept.value == 0:
            yield f"It abstains from every sentence of {found.name}."
            continue
        kept = f"It stands by {chosen.kept.value:.0%} of the labels on {found.name}"
        what = "of them are wrong" if chosen.method == "risk" else "of the sets of labels miss the true one"
        held = "at most" if chosen.holds else "and not, as was promised, at most"
        promised = f"{held} {percent(chosen.max_error)}{' was promised' if chosen.holds else ''}"
        yield f"{kept}; {chosen.error.value:.1%} {what} ({promised})."


def _behavior(behaved: Behaved | None) -> Iterator[str]:
    rates = {rate.suite: rate for rate in behaved.rates if rate.what == "all"} if behaved else {}
    if "flip" in rates:
        yield f"Where a changed word changes the label, it gets {rates['flip'].share:.0%} of pairs right."
    if behaved and behaved.swapped:
        swapped = behaved.swapped
        above = swapped.surely_above(HIGH_FLIP_RATE)
        states = listing(above) if above else "no single state"
        rate, limit = f"{swapped.flip_rate.value:.1%}", percent(HIGH_FLIP_RATE)
        yield f"Other states' names change its label in {rate} of swaps; for {states} it is shown to be over {limit}."

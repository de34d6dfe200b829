"""What each sentence's label is, and who says so: people first, then rules or votes, as the config asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.codebook import Codebook
from pipeline.config.label import LabelConfig
from pipeline.labeling.aggregate import Aggregated, aggregate, check_labels
from pipeline.labeling.rules import RuleVote, winner
from pipeline.records import Sentence, StanceError, counted
from pipeline.votes import check_texts

ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True)
class Decision:
    """A sentence's label.

    Attributes:
        label: None where everybody abstained.
        origin: ``gold``; ``people`` or ``votes`` of the table of votes; ``rule:<name>``; ``abstained``.
        shares: how far each label holds, where votes were put together.
    """

    label: str | None
    origin: str
    shares: Mapping[str, float] | None = None


def decide(
    sentences: Sequence[Sentence],
    cast: Sequence[Sequence[RuleVote]],
    votes: Any,
    codebook: Codebook,
    config: LabelConfig,
) -> list[Decision]:
    """A decision a sentence.

    Args:
        sentences: to label.
        cast: the rules' votes on each.
        votes: that stand in the table of votes, of the schema of `pipeline.votes`; None: there is no table.
        codebook: with labels and rules.
        config: who is asked.

    Raises:
        StanceError: the votes are of other sentences, or for labels that the codebook does not have.
    """
    voted = {} if votes is None else by_votes(votes, sentences, codebook, config)
    return [
        _decide(s, winner(some, codebook.order), voted.get(s.id), codebook, config)
        for s, some in zip(sentences, cast, strict=True)
    ]


def _decide(
    sentence: Sentence, rule: RuleVote | None, voted: Decision | None, codebook: Codebook, config: LabelConfig
) -> Decision:
    if config.asks_gold and sentence.gold is not None:
        return Decision(sentence.gold, "gold")
    if voted is not None:
        return voted
    if config.asks_rules and rule is not None:
        return Decision(rule.label, f"rule:{rule.rule}")
    return Decision(codebook.background if config.abstained == "background" else None, ABSTAINED)


def by_votes(votes: Any, sentences: Sequence[Sentence], codebook: Codebook, config: LabelConfig) -> dict[str, Decision]:
    """By sentence id what the votes come to; where people voted and are to be trusted, what theirs do.

    Raises:
        StanceError: the votes are of other sentences, or for labels that the codebook does not have.
    """
    known = known_votes(votes, sentences, codebook, str(config.votes))
    found = _decisions(aggregate(known, codebook.order, config.method), "votes")
    people = _of_people(known)
    if config.trust == "people" and len(people) > 0:
        several = len(people["annotator"].unique()) > 1  # nobody's skill shows in one person's votes
        found.update(_decisions(aggregate(people, codebook.order, config.method if several else "majority"), "people"))
    return found


def known_votes(votes: Any, sentences: Sequence[Sentence], codebook: Codebook, place: str) -> Any:
    """The votes on these sentences, as a table of Arrow.

    Raises:
        StanceError: there is none; or one is for a label that the codebook does not have.
    """
    import pyarrow as pa
    from pyarrow import compute

    check_labels(votes, codebook.order, place)
    check_texts(votes, {sentence.id: sentence.text for sentence in sentences}, place)
    ids = pa.array([sentence.id for sentence in sentences], pa.string())
    found = votes.filter(compute.is_in(votes["sentence_id"], ids))
    if len(found) == 0:
        raise StanceError(
            f"{place}: {counted(len(votes), 'vote')}, none of them on one of {counted(len(sentences), 'sentence')} "
            f'that were read, such as "{sentences[0].id}". Name the documents that were voted on (ingest.inputs)'
        )
    return found


def _of_people(votes: Any) -> Any:
    from pyarrow import compute

    return votes.filter(compute.equal(votes["kind"], "person"))


def _decisions(found: Aggregated, origin: str) -> dict[str, Decision]:
    winners = found.winners()
    return {
        name: Decision(winners[name], origin, dict(zip(found.labels, row, strict=True)))
        for name, row in zip(found.sentence_ids, found.proba.tolist(), strict=True)
    }

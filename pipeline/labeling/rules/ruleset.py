"""The codebook's rules, compiled: named patterns that vote for a label or abstain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.codebook import Codebook, Rule
from pipeline.labeling.rules.prefilter import Prefilter

_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'", "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class RuleVote:
    """One rule's word on one sentence."""

    rule: str
    label: str


class RuleSet:
    """All rules of a codebook, applied together."""

    def __init__(self, codebook: Codebook) -> None:
        self._rules = [_compiled(rule) for rule in codebook.rules]
        self._prefilter = Prefilter([rule.pattern for rule in codebook.rules])
        self._rank = {label: rank for rank, label in enumerate(codebook.order)}

    def votes(self, text: str) -> list[RuleVote]:
        """Every rule that does not abstain, in the codebook's order."""
        plain = normalized(text)
        tried = (self._rules[place] for place in self._prefilter.candidates(plain))
        return [
            vote for vote, pattern, unless in tried if pattern.search(plain) and not (unless and unless.search(plain))
        ]

    def winner(self, votes: Sequence[RuleVote]) -> RuleVote | None:
        """The vote that counts: of the label first in the codebook's priority. None: all rules abstained."""
        return min(votes, key=lambda vote: self._rank[vote.label], default=None)


def normalized(text: str) -> str:
    """The text with straight quotes and apostrophes, as patterns are written."""
    return text.translate(_STRAIGHT)


def _compiled(rule: Rule) -> tuple[RuleVote, re.Pattern[str], re.Pattern[str] | None]:
    unless = re.compile(rule.unless, re.IGNORECASE) if rule.unless else None
    return RuleVote(rule.name, rule.label), re.compile(rule.pattern, re.IGNORECASE), unless

"""The codebook's rules, compiled: named patterns that vote for a label or abstain."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.codebook import Codebook, Rule
from pipeline.codebook.scope import Scope, part
from pipeline.codebook.words import alternatives, expanded
from pipeline.labeling.rules.prefilter import Prefilter

_EDGES = re.compile(r"\^|\$|\(\?(?:[=!]|<[=!])|\\[AZ]")  # of a part, which are not the sentence's
_WORDS_END = re.compile(r"\\b|\(\?<!\\w\)|\(\?!\\w\)")
_ONE_WORD = re.compile(r"(?:\(\?:|[\w|)])*")  # a pattern that is found within a word
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'", "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class RuleVote:
    """One rule's word on one sentence."""

    rule: str
    label: str


class RuleSet:
    """All rules of a codebook, applied together."""

    def __init__(self, codebook: Codebook) -> None:
        self._rules = [_Compiled(rule, codebook.lists) for rule in codebook.rules]
        whole = {place: rule.pattern.pattern for place, rule in enumerate(self._rules) if rule.is_found_in_the_whole}
        self._prefilter = Prefilter(whole, len(self._rules))
        self._order = codebook.order

    def votes(self, text: str) -> list[RuleVote]:
        """Every rule that does not abstain, in the codebook's order."""
        plain = normalized(text)
        parts: dict[Scope, str] = {"sentence": plain}
        tried = (self._rules[place] for place in self._prefilter.candidates(plain))
        return [rule.vote for rule in tried if rule.holds(plain, parts)]

    def winner(self, votes: Sequence[RuleVote]) -> RuleVote | None:
        """The vote that counts: of the label first in the codebook's priority. None: all rules abstained."""
        return winner(votes, self._order)


def winner(votes: Sequence[RuleVote], order: Sequence[str]) -> RuleVote | None:
    """The vote of the label first in an order; of one label the first vote. None: there is none."""
    return min(votes, key=lambda vote: order.index(vote.label), default=None)


def normalized(text: str) -> str:
    """The text with straight quotes and apostrophes, as patterns are written."""
    return text.translate(_STRAIGHT)


class _Compiled:
    """One rule."""

    def __init__(self, rule: Rule, lists: Mapping[str, Sequence[str]]) -> None:
        self.vote = RuleVote(rule.name, rule.label)
        self.pattern = _expression(rule.pattern or rf"(?<!\w){alternatives(rule.words)}(?!\w)", lists)
        self._within = rule.within
        self._where = None if rule.where is None else _expression(rule.where, lists)
        self._unless = None if rule.unless is None else _expression(rule.unless, lists)

    @property
    def is_found_in_the_whole(self) -> bool:
        """Whether the pattern is surely found in a sentence in a part of which it is found."""
        if self._within == "sentence":
            return True
        pattern = _WORDS_END.sub("", self.pattern.pattern)  # which a part and its sentence have in common
        if self._within == "after_but":  # the end of the sentence, as it stands there
            return _EDGES.search(pattern) is None
        return _ONE_WORD.fullmatch(pattern) is not None  # the other parts may join what is apart, but no words

    def holds(self, text: str, parts: dict[Scope, str]) -> bool:
        """Whether the rule votes on a text, of which parts are kept as they are found."""
        if self._within not in parts:
            parts[self._within] = part(text, self._within)
        if self.pattern.search(parts[self._within]) is None:
            return False
        return (self._where is None or self._where.search(text) is not None) and (
            self._unless is None or self._unless.search(text) is None
        )


def _expression(pattern: str, lists: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    return re.compile(expanded(pattern, lists), re.IGNORECASE)

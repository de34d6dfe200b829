"""Which of many patterns may be found in a text: all are looked for at once, and only these need be tried one by one.

Hyperscan does it (Wang et al. 2019, https://www.usenix.org/conference/nsdi19/presentation/wang-xiang), a hundred times
as fast as trying each. Where it is not installed, or does not know a pattern, that pattern is always tried.
"""

import re
from collections.abc import Mapping
from typing import Any

_GAP = re.compile(r"(?<!\\)\.\{\d*,\d*\}")  # "a … b within n characters": how many is left to the trial
_LIKE_ASCII = {"İ": "i", "ı": "i", "ſ": "s", "\u212a": "k"}  # which a pattern of ASCII letters finds, case apart
_BY_NUMBER = re.compile(r"\\[xuUN0]|\\[1-9]\d|-[^\x00-\x7f]|[^\x00-\x7f]-")  # or a range with a foreign letter
_ANYTHING_BUT = "[^"
AFTER = 2000  # about as many texts as could be searched while the search is prepared
_FOREIGN = re.compile(r"[^\x00-\x7f]|[\x1c-\x1f]")


class Prefilter:
    """Looks for patterns without regard to case; what it leaves out is surely not there.

    Args:
        patterns: regular expressions of Python, by place.
        n_places: of which those without a pattern are always tried.
        after: texts; before, every pattern is tried, since to prepare the search takes seconds.
    """

    def __init__(self, patterns: Mapping[int, str], n_places: int, after: int = AFTER) -> None:
        self._patterns, self._left = patterns, after
        self._all = self._always = list(range(n_places))
        self._negated: list[int] = []
        self._database: Any = None
        self._is_prepared = False

    def candidates(self, text: str) -> list[int]:
        """Places of the patterns that may be found in a text, in order."""
        self._left -= 1
        if self._left < 0 and not self._is_prepared:
            self._prepare()
        if self._database is None:
            return self._all
        plain = _in_ascii(text)
        found = list(self._always if plain == text else self._always + self._negated)
        self._database.scan(plain.encode(), match_event_handler=lambda place, *_: found.append(place))
        return sorted(set(found))

    def _prepare(self) -> None:
        self._is_prepared = True
        try:
            import hyperscan
        except ImportError:
            return
        expressions = {
            place: _GAP.sub(".*", _in_ascii(pattern))
            for place, pattern in self._patterns.items()
            if not _BY_NUMBER.search(pattern)
        }
        known, self._database = _database(hyperscan, expressions)
        self._always = [place for place in self._all if place not in known]
        # what a negated class means may be a foreign letter
        self._negated = [place for place in known if _ANYTHING_BUT in self._patterns[place]]


def _database(hyperscan: Any, expressions: Mapping[int, str]) -> tuple[list[int], Any]:
    """The places of the expressions that Hyperscan knows, and what looks for them; None where it knows none."""
    try:
        return list(expressions), _compiled(hyperscan, expressions, list(expressions)) if expressions else None
    except hyperscan.error:
        known = _accepted(hyperscan, expressions, list(expressions))
        return known, _compiled(hyperscan, expressions, known) if known else None


def _accepted(hyperscan: Any, expressions: Mapping[int, str], places: list[int]) -> list[int]:
    """Those that Hyperscan knows: halves are tried, until one that it does not know is alone."""
    try:
        _compiled(hyperscan, expressions, places)
    except hyperscan.error:
        halves = (places[: len(places) // 2], places[len(places) // 2 :])
        return (
            [] if len(places) < 2 else [place for half in halves for place in _accepted(hyperscan, expressions, half)]
        )
    return places


def _compiled(hyperscan: Any, expressions: Mapping[int, str], places: list[int]) -> Any:
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_PREFILTER
    database = hyperscan.Database()
    database.compile(
        expressions=[expressions[place].encode() for place in places],
        ids=places,
        elements=len(places),
        flags=[flags | hyperscan.HS_FLAG_ALLOWEMPTY] * len(places),
    )
    return database


def _in_ascii(text: str) -> str:
    """A letter for a letter, a space for a space, in texts and patterns alike: what was found still is."""
    return _FOREIGN.sub(_stand_in, text)


def _stand_in(found: "re.Match[str]") -> str:
    character = found[0]
    if character in _LIKE_ASCII:
        return _LIKE_ASCII[character]
    if character.isspace():
        return " "
    if character.isdecimal():
        return "0"
    return "x" if character.isalnum() else "."

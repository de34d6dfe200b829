"""Leaders' names as names of their states."""

import re
from collections.abc import Mapping

from pipeline.countries.country import Country, Leader, Mention
from pipeline.countries.scan import Scan
from pipeline.countries.trie import any_of
from pipeline.countries.words import BEGINS, HONORIFICS

Named = tuple[str, Leader]  # a state and its leader


class Leaders:
    """All leaders of all states."""

    def __init__(self, countries: Mapping[str, Country]) -> None:
        self._countries = countries
        every = [(country.name, leader) for country in countries.values() for leader in country.leaders]
        self._by_name: dict[str, Named] = {leader.name: (country, leader) for country, leader in every}
        for country, leader in every:
            if {name for name, other in every if other.short == leader.short} == {country}:  # else nobody knows whose
                self._by_name.setdefault(leader.short, (country, leader))
        self._adjectives = {
            word: country.name for country in countries.values() if country.leaders for word in _adjectives(country)
        }
        self._pattern, beginnings = self._compiled()
        self._scan = Scan(self._pattern, beginnings)

    def mentions(self, text: str) -> list[Mention]:
        """Every leader that the text names, with title and adjective (*Russian President Vladimir Putin*), in order."""
        found = [self._mention(match) for match in self._scan.finditer(text)] if self._by_name else []
        return [mention for mention in found if mention is not None]

    def successor(self, text: str, mention: Mention, other: str) -> str | None:
        """Who stands for a leader: one of the other state, named in the same way, and woman for woman.

        None where the mention is of no leader, or the other state has none such in the table.
        """
        match = self._pattern.fullmatch(text, mention.start, mention.end) if mention.kind == "leader" else None
        if match is None:
            return None
        _, leader = self._by_name[match["name"]]
        ours = [one for one in self._countries[mention.country].leaders if one.woman == leader.woman]
        theirs = [one for one in self._countries[other].leaders if one.woman == leader.woman]
        if not theirs:
            return None
        chosen = theirs[ours.index(leader) % len(theirs)]
        title = match["title"] if match["title"] in HONORIFICS else match["title"] and chosen.title
        is_full = match["name"] == leader.name or not (chosen.alone or title)
        adjective = match["adjective"] and self._countries[other].adjective
        return " ".join(filter(None, [adjective, title, chosen.name if is_full else chosen.short]))

    def _mention(self, match: re.Match[str]) -> Mention | None:
        country, leader = self._by_name[match["name"]]
        if match["name"] != leader.name and not (leader.alone or match["title"]):
            return None
        start, end = match.span()
        if match["adjective"] and self._adjectives[match["adjective"]] != country:
            start += len(match["adjective"]) + 1
        return Mention(start, end, country, "leader")

    def _compiled(self) -> tuple[re.Pattern[str], set[str]]:
        """The pattern, and the letters that what it matches begins with."""
        titles = {leader.title for _, leader in self._by_name.values() if leader.title} | set(HONORIFICS)
        adjective, title, name = (any_of(words) for words in (self._adjectives, titles, self._by_name))
        pattern = rf"{BEGINS}(?:(?P<adjective>{adjective}) )?(?:(?P<title>{title}) )?(?P<name>{name})(?!\w)"
        return re.compile(pattern), {words[0] for words in (*self._adjectives, *titles, *self._by_name)}


def _adjectives(country: Country) -> list[str]:
    """What stands before a leader's title: *Russian*, and *US*."""
    names = [other.name for other in country.other_names if other.article]
    return [country.adjective, *country.other_adjectives, *names, *([country.name] if country.article else [])]

"""Leaders' names as names of their states."""

import re
from collections.abc import Mapping

from pipeline.countries.country import Country, Leader, Mention
from pipeline.countries.words import HONORIFICS

Named = tuple[str, Leader]  # a state and its leader


class Leaders:
    """All leaders of all states."""

    def __init__(self, countries: Mapping[str, Country]) -> None:
        self._countries = countries
        self._by_name: dict[str, Named] = {}
        for country in countries.values():
            for leader in country.leaders:
                self._by_name[leader.name] = (country.name, leader)
        for named in list(self._by_name.values()):
            self._by_name.setdefault(named[1].short, named)
        self._pattern = self._compiled()

    def mentions(self, text: str) -> list[Mention]:
        """Every leader that the text names, with title and adjective (*Russian President Vladimir Putin*), in order."""
        found = [self._mention(match) for match in self._pattern.finditer(text)] if self._by_name else []
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
        is_full = match["name"] == leader.name or not (chosen.alone or match["title"])
        title = match["title"] if match["title"] in HONORIFICS else match["title"] and chosen.title
        adjective = match["adjective"] and self._countries[other].adjective
        return " ".join(filter(None, [adjective, title, chosen.name if is_full else chosen.short]))

    def _mention(self, match: re.Match[str]) -> Mention | None:
        country, leader = self._by_name[match["name"]]
        if match["name"] != leader.name and not (leader.alone or match["title"]):
            return None
        start, end = match.span()
        if match["adjective"] and match["adjective"] != self._countries[country].adjective:
            start += len(match["adjective"]) + 1
        return Mention(start, end, country, "leader")

    def _compiled(self) -> re.Pattern[str]:
        names = sorted(self._by_name, key=len, reverse=True)
        titles = {leader.title for _, leader in self._by_name.values() if leader.title} | set(HONORIFICS)
        adjectives = {self._countries[country].adjective for country, _ in self._by_name.values()}
        adjective, title, name = ("|".join(map(re.escape, words)) for words in (adjectives, titles, names))
        return re.compile(
            rf"(?<![\w'-])(?:(?P<adjective>{adjective}) )?(?:(?P<title>{title}) )?(?P<name>{name})(?![\w-])"
        )

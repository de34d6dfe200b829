"""Names of states in a sentence: found, and swapped for those of other states."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from pipeline.countries.country import Country, Kind, Mention
from pipeline.countries.leaders import Leaders
from pipeline.countries.words import KEPT, LIKE_YOU, NAMED_AFTER, NO_NOUN, NOUNS, UNCLEAR
from pipeline.records import StanceError
from pipeline.store.jsonl import placed_rows

_NEXT_WORD = re.compile(r" ([A-Za-z]+)")


class Gazetteer:
    """All states that are known."""

    def __init__(self, countries: Sequence[Country]) -> None:
        self.countries = {country.name: country for country in countries}
        self._leaders = Leaders(self.countries)

    def mentions(self, text: str) -> list[Mention]:
        """Every state that the text names, in order; of a word that two share (*Congolese*) the first has it."""
        leaders = self._leaders.mentions(text)
        masked = self._kept.sub(lambda match: "_" * len(match[0]), text)
        for mention in leaders:
            masked = masked[: mention.start] + "_" * (mention.end - mention.start) + masked[mention.end :]
        found = [self._mention(match, masked) for match in self._pattern.finditer(masked)]
        return sorted([*leaders, *(mention for mention in found if mention is not None)], key=attrgetter("start"))

    def _mention(self, match: re.Match[str], text: str) -> Mention | None:
        country, kind = self._forms[match["form"]]
        start, next_word = match.start(), _NEXT_WORD.match(text, match.end())
        word = next_word[1] if next_word else ""
        if kind == "capital" and word in NAMED_AFTER:
            return None
        if kind == "name" and match["form"] in self._with_article and word.lower() in NOUNS:
            start, kind = match.start("form"), "adjective"  # "the US government", "UK officials"
        if kind == "demonyms" and match["form"].startswith("the ") and word and word not in NO_NOUN:
            start, kind = start + len("the "), "adjective"  # "the Dutch minister"
        return Mention(start, match.end(), country, kind)

    def swapped(self, text: str, others: Mapping[str, str]) -> str:
        """The text with each state's names replaced by those of the state that stands for it, grammar and all.

        Args:
            text: a sentence.
            others: name of the state that replaces, by name of the state replaced; one not in it stays.
        """
        parts, end = [], 0
        for mention in self.mentions(text):
            if mention.country not in others:
                continue
            parts += [text[end : mention.start], self._replacement(text, mention, others[mention.country])]
            end = mention.end + (parts[-1][-2:-1] in {"'", "’"})
        return _with_right_articles("".join([*parts, text[end:]]))

    def _replacement(self, text: str, mention: Mention, other: str) -> str:
        """What stands for a mention, marked where "a" or "an" may have to change before it."""
        form = self._leaders.successor(text, mention, other) or self.countries[other].form(mention.kind)
        before, after = text[: mention.start], text[mention.end : mention.end + 2]
        if form.startswith("the "):
            if before.lower().endswith(("the ", " a ", " an ")):
                form = form.removeprefix("the ")
            elif not before.strip() or before.rstrip()[-1] in '.!?“"‘:':
                form = f"T{form[1:]}"
        if after[:1] in {"'", "’"} and after[1:] != "s" and not form.endswith("s"):
            form += f"{after[0]}s"  # "the Philippines' navy"
        return f"\0{form}"

    @cached_property
    def _kept(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, KEPT)))

    @cached_property
    def _forms(self) -> dict[str, tuple[str, Kind]]:
        forms: dict[str, tuple[str, Kind]] = {}
        for country in self.countries.values():
            every: list[tuple[str, Kind]] = [(country.name, "name"), (country.adjective, "adjective")]
            every += [(other.name, "name") for other in country.other_names]
            every += [(other, "adjective") for other in country.other_adjectives]
            every += [(country.demonym_plural, "demonyms"), (country.demonym, "demonym")]
            every += [(capital, "capital") for capital in (country.capital, *country.other_capitals)]
            for form, kind in every:
                if form not in UNCLEAR:
                    forms.setdefault(form, (country.name, kind))
        return forms

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._forms, key=len, reverse=True)
        forms = "|".join(map(re.escape, longest_first))
        articles = "|".join(re.escape(name) for name in self._with_article)
        return re.compile(rf"(?<![\w'])(?P<article>[Tt]he (?=(?:{articles})(?!\w)))?(?P<form>{forms})(?!\w)")

    @cached_property
    def _with_article(self) -> list[str]:
        names = [country.name for country in self.countries.values() if country.article]
        names += [o.name for country in self.countries.values() for o in country.other_names if o.article]
        return sorted(names, key=len, reverse=True)


class Swapper:
    """Lets states trade places: two of one sentence stay two, and all states come in about as often."""

    def __init__(self, gazetteer: Gazetteer, seed: int) -> None:
        self._gazetteer = gazetteer
        self._rng = np.random.default_rng(seed)
        self._queue = self._endless()

    def swap(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The text with other states, none of them one that it named, and those states.

        A text stays as it is where it names no state, or so many that there are not as many others.
        """
        there = list(dict.fromkeys(mention.country for mention in self._gazetteer.mentions(text)))
        if 2 * len(there) > len(self._gazetteer.countries):
            return text, ()
        others: list[str] = []
        while len(others) < len(there):
            other = next(self._queue)
            if other not in there and other not in others:
                others.append(other)
        self._rng.shuffle(others)
        return self._gazetteer.swapped(text, dict(zip(there, others, strict=True))), tuple(others)

    def _endless(self) -> Iterator[str]:
        names = list(self._gazetteer.countries)
        while True:
            for number in self._rng.permutation(len(names)):
                yield names[number]


def load_gazetteer(path: Path) -> Gazetteer:
    """The states in a table of JSON Lines.

    Raises:
        StanceError: there is no such table, or a row is not a state.
    """
    countries = []
    for place, row in placed_rows(path):
        try:
            countries.append(TypeAdapter(Country).validate_json(json.dumps(row)))
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            where = "".join(f"{part}: " for part in problem["loc"])
            raise StanceError(f"{place}: {where}{problem['msg']}. See data/countries.jsonl") from None
    return Gazetteer(countries)


def _with_right_articles(text: str) -> str:
    """The text with "a" or "an" as the marked words want it, and without the marks."""

    def mend(match: re.Match[str]) -> str:
        article, word = match["article"], match["word"]
        vowel = word[0] in "AEIOU" and not word.startswith(LIKE_YOU)
        right = "an" if vowel else "a"
        return f"{right.capitalize() if article[0] == 'A' else right} \0{word}"

    return re.sub(r"\b(?P<article>[Aa]n?) \0(?P<word>\w+)", mend, text).replace("\0", "")

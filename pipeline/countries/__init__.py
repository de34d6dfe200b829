"""Names of states in a sentence: found, and swapped for those of other states."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from pipeline.countries.country import Country, Kind, Mention, Piece
from pipeline.countries.leaders import Leaders
from pipeline.countries.scan import Scan
from pipeline.countries.trie import any_of
from pipeline.countries.words import BEGINS, KEPT, LIKE_YOU, NAMED_AFTER, NO_NOUN, NOUNS, UNCLEAR
from pipeline.records import StanceError
from pipeline.store.jsonl import placed_rows

SHORT = 4  # letters of an abbreviation, at most: US, U.S., UAE
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
        found = [self._mention(match, text) for match in self._pattern.finditer(masked)]
        return sorted([*leaders, *(mention for mention in found if mention is not None)], key=attrgetter("start"))

    def swapped(self, text: str, others: Mapping[str, str], *, by_name: bool = True) -> str:
        """The text with each state's names replaced by those of the state that stands for it, grammar and all.

        Args:
            text: a sentence.
            others: name of the state that replaces, by name of the state replaced; one not in it stays.
            by_name: whether leaders get names; else each becomes "the Fijian leader".
        """
        return "".join(piece.text for piece in self.pieces(text, others, by_name=by_name))

    def pieces(
        self,
        text: str,
        others: Mapping[str, str],
        *,
        by_name: bool = True,
        mentions: Sequence[Mention] | None = None,
    ) -> list[Piece]:
        """What `swapped` gives, in pieces that know where in the text they come from; mentions may be known already."""
        found, end = [], 0
        for mention in self.mentions(text) if mentions is None else mentions:
            if mention.country not in others or mention.start < end:
                continue
            form, after = self._replacement(text, mention, others[mention.country], by_name=by_name)
            between = with_right_article(text[end : mention.start], form)
            found.append(Piece(between, end, mention.start, is_name=False))
            found.append(Piece(form, mention.start, after, is_name=True))
            end = after
        return [*found, Piece(text[end:], end, len(text), is_name=False)]

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

    def _replacement(self, text: str, mention: Mention, other: str, *, by_name: bool) -> tuple[str, int]:
        """What stands for a mention, and where in the text that ends which it stands for."""
        successor = self._leaders.successor(text, mention, other) if by_name else None
        form = successor or self.countries[other].form(mention.kind)
        before, after = text[: mention.start], text[mention.end : mention.end + 2]
        if form.startswith("the "):
            if f" {before.lower()}".endswith((" the ", " a ", " an ", "-")):
                form = form.removeprefix("the ")
            elif not before.strip() or before.rstrip()[-1] in '.!?“"‘:':
                form = f"T{form[1:]}"
        if is_shouted(text[mention.start : mention.end]):
            form = form.upper()
        is_genitive = text[: mention.end].endswith("s") and after[:1] in {"'", "’"} and after[1:] != "s"
        if is_genitive and not form.endswith("s"):
            return f"{form}{after[0]}s", mention.end + 1  # "the Philippines' navy"
        return form, mention.end

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
            every += [(form.upper(), kind) for form, kind in every if kind in {"name", "capital"} and len(form) > SHORT]
            for form, kind in every:
                if form not in UNCLEAR:
                    forms.setdefault(form, (country.name, kind))
        return forms

    @cached_property
    def _pattern(self) -> Scan:
        articles, forms = any_of(self._with_article), any_of(self._forms)
        pattern = re.compile(rf"{BEGINS}(?P<article>[Tt]he (?={articles}(?!\w)))?(?P<form>{forms})(?!\w)")
        lower = {form[:4] if form.startswith("the ") else form[0] for form in self._forms}
        return Scan(pattern, [*lower, "T", "the "])

    @cached_property
    def _with_article(self) -> set[str]:
        names = {country.name for country in self.countries.values() if country.article}
        return names | {o.name for country in self.countries.values() for o in country.other_names if o.article}


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
    if not countries:
        raise StanceError(f"{path}: no state in it. Give one a line, as data/countries.jsonl does")
    return Gazetteer(countries)


def with_right_article(before: str, form: str) -> str:
    """What stands before a name, with "a" or "an" at its end as the name wants it."""

    def mend(match: re.Match[str]) -> str:
        right = "an" if form[0] in "AEIOU" and not form.startswith(LIKE_YOU) else "a"
        return f"{right.capitalize() if match[1][0] == 'A' else right} "

    return re.sub(r"\b([Aa]n?) $", mend, before)


def is_shouted(words: str) -> bool:
    """Whether a name is in capitals, and no abbreviation."""
    return words.isupper() and len(words) > SHORT

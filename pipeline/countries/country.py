"""A state as English sentences name it, and a place where one does."""

from dataclasses import dataclass
from typing import Literal

from pipeline.config.base import Section

Kind = Literal["name", "adjective", "demonym", "demonyms", "capital", "leader"]


class OtherName(Section):
    """A further name of a state."""

    name: str
    article: bool


class Leader(Section):
    """Who led a state at some time since 2000: a president, a head of government, a king."""

    name: str
    short: str
    title: str | None
    woman: bool
    alone: bool  # whether the short name needs no title to be understood


class Country(Section):
    """A state as English sentences name it."""

    name: str
    article: bool
    other_names: tuple[OtherName, ...]
    adjective: str
    other_adjectives: tuple[str, ...]
    demonym: str
    demonym_plural: str
    capital: str
    other_capitals: tuple[str, ...]
    region: str
    leaders: tuple[Leader, ...] = ()

    def form(self, kind: Kind) -> str:
        """The words that stand for it; the name with its article."""
        return {
            "name": f"the {self.name}" if self.article else self.name,
            "adjective": self.adjective,
            "demonym": self.demonym,
            "demonyms": self.demonym_plural,
            "capital": self.capital,
            "leader": f"the {self.adjective} leader",
        }[kind]


@dataclass(frozen=True)
class Mention:
    """A state named in a text, from `start` to `end`, with its article where it has one."""

    start: int
    end: int
    country: str
    kind: Kind


@dataclass(frozen=True)
class Piece:
    """Text that stands where the original has something from `start` to `end`.

    Attributes:
        is_name: it is another state's name; else it is the same text, but for an "a" or "an" at its end.
    """

    text: str
    start: int
    end: int
    is_name: bool

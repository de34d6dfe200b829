"""What every section of the config shares: it is strict, frozen, and knows no other keys."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

KeyPath = tuple[str | int, ...]


class Section(BaseModel):
    """A part of the config. Unknown keys, wrong types and infinite numbers are errors, never guesses."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class PlacedError(ValueError):
    """What a check of a whole section finds wrong in places below it.

    Args:
        problems: the path of each, from the section down, and what is wrong there.
    """

    def __init__(self, problems: Iterable[tuple[KeyPath, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(what for _, what in self.problems))

"""A large pattern looked for only where it can begin."""

import re
from collections.abc import Iterable, Iterator


class Scan:
    """Finds what a pattern's `finditer` finds, several times faster where few places can begin a match."""

    def __init__(self, pattern: re.Pattern[str], beginnings: Iterable[str]) -> None:
        """Take a pattern.

        Args:
            pattern: what is looked for; it matches at least one letter.
            beginnings: every text that a match can begin with, or the first letters of it.
        """
        self.pattern = pattern
        beginnings = set(beginnings)
        letters = {text for text in beginnings if len(text) == 1}
        longer = sorted(text for text in beginnings if len(text) > 1)
        one_of = f"[{''.join(map(re.escape, sorted(letters)))}]" if letters else r"(?!)"
        self._beginning = re.compile("|".join([one_of, *map(re.escape, longer)]))

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every match, from left to right; none overlaps another."""
        place = self._beginning.search(text)
        while place is not None:
            found = self.pattern.match(text, place.start())
            if found is not None:
                yield found
            place = self._beginning.search(text, place.start() + 1 if found is None else found.end())

"""Stand-ins for states: the masked text names the same few, whichever they were, as far as the table knows them."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline.countries import load_gazetteer
from pipeline.countries.country import Piece
from pipeline.store import fingerprint

STAND_INS = (  # the first state of a text becomes the first of these, and so on
    "Kenya", "Norway", "Thailand", "Peru", "Jordan", "Ghana", "Nepal", "Chile", "Oman", "Fiji", "Malta", "Benin",
)  # fmt: skip


class Masker:
    """Puts the same few states in the place of all others: names, adjectives, capitals; leaders lose their names."""

    def __init__(self, table: Path) -> None:
        """Take the states' names from a table.

        Raises:
            StanceError: there is no such table, or a row is not a state.
        """
        self._table = table
        self._hash = fingerprint.of_file(table)
        self._gazetteer = load_gazetteer(table)
        known = list(self._gazetteer.countries)
        self._stand_ins = [name for name in STAND_INS if name in known] or known[: len(STAND_INS)]

    def puts_the_same(self, other: "Masker | None") -> bool:
        """Whether another gives the same texts."""
        return other is not None and self._hash == other._hash

    def mask(self, text: str) -> str:
        """The text with stand-ins; past the last of them two states may get the same one."""
        return "".join(piece.text for piece in self.pieces(text))

    def pieces(self, text: str) -> list[Piece]:
        """The same in pieces that know where in the text they come from."""
        mentions = self._gazetteer.mentions(text)
        there = dict.fromkeys(mention.country for mention in mentions)
        if not there:  # most texts; they need not be read again
            return [Piece(text, 0, len(text), is_name=False)]
        n = len(self._stand_ins)
        others = {name: self._stand_ins[i % n] for i, name in enumerate(there)}
        return self._gazetteer.pieces(text, others, by_name=False, mentions=mentions)

    def mask_all(self, texts: Sequence[str]) -> list[str]:
        """Every text with stand-ins."""
        return [self.mask(text) for text in texts]

    def save(self, path: Path) -> None:
        """Write the table, from which the same masker can be made."""
        shutil.copyfile(self._table, path)

"""Many words as one pattern that reads each letter of a text once."""

import re
from collections.abc import Iterable
from typing import Any

Trie = dict[str, Any]  # by the next letter; an empty one ends a word
END = ""


def any_of(words: Iterable[str]) -> str:
    """A regular expression for any of the words, the longest first; for none of them, one that matches nothing.

    >>> any_of(["Oman", "Omani", "Iran"])
    '(?:Iran|Oman(?:i)?)'
    """
    trie: Trie = {}
    for word in words:
        node = trie
        for letter in word:
            node = node.setdefault(letter, {})
        node[END] = {}
    return _pattern(trie) if trie else r"(?!)"


def _pattern(node: Trie) -> str:
    branches = [f"{re.escape(letter)}{_pattern(below)}" for letter, below in sorted(node.items()) if letter != END]
    if not branches:
        return ""
    if len(branches) == 1 and END not in node:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' if END in node else ''}"

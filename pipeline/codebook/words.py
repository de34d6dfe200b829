"""Word lists in patterns: `{name}` stands for any word of the codebook's list of that name, in any of its forms."""

import re
from collections.abc import Mapping, Sequence

NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_VOWELS = "aeiou"
_IRREGULAR = "/"  # between a word and the forms that no rule gives: take/took/taken
_AS_IT_IS = "!"  # after a word that has no other form: ashamed!


def expanded(pattern: str, lists: Mapping[str, Sequence[str]]) -> str:
    """The pattern with the lists in the place of their names.

    >>> expanded("we {protest}", {"protest": ["deny", "take/took/taken"]})
    'we (?:denied|denies|deny|denying|take|taked|taken|takes|taking|took)'
    """
    return NAMED.sub(lambda found: alternatives(lists[found[1]]), pattern)


def alternatives(words: Sequence[str]) -> str:
    """A pattern of all forms of some words; blanks in a phrase are any space."""
    forms = sorted({form for word in words for form in inflected(word)})
    return f"(?:{'|'.join(re.escape(form).replace(chr(92) + ' ', chr(92) + 's') for form in forms)})"


def inflected(word: str) -> list[str]:
    """A word with its regular English endings, of a phrase the first word's, and the irregular forms that it names.

    Where spelling decides between two, both are given: a form that nobody writes does no harm.

    >>> inflected("stop")
    ['stop', 'stops', 'stopped', 'stopping']
    >>> inflected("call on")
    ['call on', 'calls on', 'called on', 'calling on']
    >>> inflected("ashamed!")
    ['ashamed']
    """
    if word.endswith(_AS_IT_IS):
        return [word.removesuffix(_AS_IT_IS)]
    phrase, *irregular = word.split(_IRREGULAR)
    base, blank, rest = phrase.partition(" ")
    forms = [base, base + _plural(base)]
    if base.endswith("ee"):
        forms += [base + "d", base + "ing"]
    else:
        forms += [stem + ending for stem in _stems(base) for ending in ("ed", "ing")]
    return list(dict.fromkeys([*(form + blank + rest for form in _mended(base, forms)), *irregular]))


def _plural(base: str) -> str:
    return "es" if base.endswith(("s", "x", "z", "ch", "sh")) else "s"


def _stems(base: str) -> list[str]:
    """What -ed and -ing are put to."""
    if base.endswith("e"):
        return [base[:-1]]
    last = base[-3:]
    doubles = len(last) == 3 and last[0] not in _VOWELS and last[1] in _VOWELS and last[2] not in _VOWELS + "wxy"
    if not doubles:
        return [base]
    n_vowels = len(re.findall(f"[{_VOWELS}]+", base))
    return [base + base[-1]] if n_vowels == 1 else [base, base + base[-1]]


def _mended(base: str, forms: list[str]) -> list[str]:
    """A consonant's y becomes i before -es and -ed."""
    if len(base) < 2 or not base.endswith("y") or base[-2] in _VOWELS:
        return forms
    changed = {base + "s": base[:-1] + "ies", base + "ed": base[:-1] + "ied"}
    return [changed.get(form, form) for form in forms]

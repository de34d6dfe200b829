"""The part of a sentence that a rule looks at. Commas and connectives tell clauses apart, no parser is asked."""

import re
from typing import Literal, get_args

Scope = Literal["sentence", "main_clause", "after_but", "quotation", "outside_quotation"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_CONTRAST = re.compile(
    r"""(?:^["'(\s]*|[,;:—–-]\s*["']?)(?:but(?!\s+(?:also|rather)\b)|yet|however|nevertheless|nonetheless)\b,?"""
    r"""|\s(?:however|nevertheless|nonetheless),""",
    re.IGNORECASE,
)
_OPENERS = (
    "although|though|even though|while|whereas|despite|in spite of|notwithstanding|because|since|as|when|after|before"
)
_LEADING = re.compile(rf"""^["'(\s]*(?:{_OPENERS})\b[^,;]*[,;]""", re.IGNORECASE)
_TRAILING = re.compile(
    r"(?:,\s*(?:although|though|even though|while|whereas|which|who|whose|where|because)"
    r"|\s(?:although|whereas|because))\b[^,;]*",
    re.IGNORECASE,
)


def part(text: str, scope: Scope) -> str:
    """What of a text lies in a scope, with straight quotes; empty where nothing does.

    Args:
        text: a sentence.
        scope: ``main_clause``: without what a connective subordinates, and after the last "but"; ``after_but``: what
            follows the last "but", "however" or "yet" of a contrast; ``quotation``: between quotation marks, of which
            one may stand in another sentence; ``outside_quotation``: the rest.

    >>> part("We want good ties, but we will answer any attack.", "after_but")
    ' we will answer any attack.'
    >>> part("Although they broke the truce, we welcome the talks.", "main_clause")
    ' we welcome the talks.'
    >>> part('He said: "We protest."', "quotation")
    'We protest.'
    """
    if scope == "sentence":
        return text
    if scope == "after_but":
        return _after_but(text)
    if scope == "main_clause":
        return _TRAILING.sub("", _LEADING.sub("", _after_but(text) or text, count=1))
    quoted, other = _quoted(text)
    return quoted if scope == "quotation" else other


def _after_but(text: str) -> str:
    found = list(_CONTRAST.finditer(text))
    return text[found[-1].end() :] if found else ""


def _quoted(text: str) -> tuple[str, str]:
    """What stands between quotation marks, and what does not."""
    pieces = text.split('"')
    if len(pieces) == 2 and pieces[0].strip() and not pieces[1].strip(" .,;:!?"):
        pieces = ["", *pieces]  # one mark, at the end: it closes what an earlier sentence opened
    return " ".join(pieces[1::2]), " ".join(pieces[0::2])

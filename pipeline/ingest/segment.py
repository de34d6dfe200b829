"""A text to its sentences, by `sentencex`, with exact character offsets.

sentencex knows most abbreviations and quotations. What it misses in diplomatic text is mended here: titles such as
"Amb.", agency datelines, lists, headlines without a full stop, and the sentences within a quotation, which it keeps
together.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from sentencex import get_sentence_boundaries

Span = tuple[int, int]

# Abbreviations that are always followed by a name or a number, so that no sentence ends there.
_OPENS_A_NAME = re.compile(
    r"(?:^|[\s(“\"‘'])(?:Amb|Dep|Atty|Asst|Spc|Cmdr|Cdr|Brig|Gen|Lt|Col|Maj|Capt|Adm|Sgt|Sec|Gov|Sen|Rep|Hon|Rev|Prof|Dr"
    r"|Mr|Mrs|Ms|Mme|Mlle|Messrs|H\.\s?E|H\.\s?R\.\s?H|Art|art|Arts|arts|paras?|Paras?|No|Nos|nos|res|Res|pp|cf|Cf|vs|approx|incl)\.$"
)
_OPENS_A_NUMBER = re.compile(r"\b(?:Art|art|Arts|arts|paras?|Paras?|No|Nos|nos|res|Res|pp|approx)\.$")
_TIME_OF_DAY = re.compile(r"\b[ap]\.m\.$")
_TIME_ZONE = re.compile(r"(?:GMT|UTC|local time|[A-Z]{1,2}[SD]?T)\b")
_DATELINE = re.compile(r"[A-Z][A-Z .,'’-]{2,40}, \w+\.? \d{1,2}\.$")
_AGENCY = re.compile(r"/[A-Z][A-Z .-]+/\.?$")
_MARK = r"(?:[-–—*•·▪◦]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])[ \t]+"  # no longer word: in wrapped text "war." may lead
_BULLET = re.compile(rf"\n(?=[ \t]*{_MARK}\S)")
_DAY = re.compile(r"[ \t]*(\d{1,2})\.")
_MONTH = re.compile(
    r"\b(?:Jan|Febr?|March|Mar|April|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)(?:\.|[a-z]*ry|ust|[a-z]*ber)?\s*$"
)
_LIST_MARK = re.compile(rf"\s*{_MARK}")
_STOPPED = re.compile(r"[.!?…:;,”\"’')\]]\s*$")
_QUOTATION = re.compile(r"“[^“”]+”|\"[^\"]+\"|«[^«»]+»|„[^„“”]+[“”]")
_WRAPPED_SHARE = 0.1
DAYS_OF_A_MONTH = 31


def sentence_spans(text: str, language: str = "en") -> Iterator[Span]:
    """Start and end of each sentence in a text, in order; white space around a sentence is in neither.

    Lines are taken as paragraphs unless the text is hard-wrapped, that is, unless lines go on in the next one. The
    mark of a list item ("1.", "•") is not part of its sentence.
    """
    plain = text.replace("\r\n", " \n").replace("\r", "\n")  # as long as before, so that offsets hold
    for start, end in _blocks(plain):
        mark = _LIST_MARK.match(plain, start, end)
        first = mark.end() if mark else start
        for low, high in _joined(plain, _boundaries(plain, first, end, language)):
            for part in _parts(plain, low, high, language):
                span = _trimmed(plain, *part)
                if any(character.isalpha() for character in plain[span[0] : span[1]]):
                    yield span


def _blocks(text: str) -> Iterator[Span]:
    """Stretches that no sentence crosses: paragraphs, list items, and lines where lines are paragraphs."""
    breaks = {match.end() for match in re.finditer(r"\n[ \t]*\n\s*", text)}
    breaks |= {match.end() for match in _BULLET.finditer(text) if not _is_a_day(text, match)}
    if not _is_wrapped(text):
        breaks |= {match.end() for match in re.finditer(r"\n", text)}
    edges = [0, *sorted(breaks), len(text)]
    yield from ((low, high) for low, high in pairwise(edges) if low < high)


def _is_a_day(text: str, bullet: re.Match[str]) -> bool:
    """Whether what looks like a list item's number is the day of a date whose month ends the line before."""
    day = _DAY.match(text, bullet.end())
    if not day or not _MONTH.search(text[max(0, bullet.start() - 12) : bullet.start()]):
        return False
    number = int(day[1])
    is_listed = re.search(rf"\n[ \t]*(?:{number - 1}|{number + 1})\.[ \t]", text)
    return number <= DAYS_OF_A_MONTH and not is_listed


def _is_wrapped(text: str) -> bool:
    """Whether lines end in mid-sentence: the next one then often starts with a small letter."""
    lines = [line.strip() for line in text.splitlines()]
    pairs = [(line, after) for line, after in pairwise(lines) if line and after]
    running = sum(after[0].islower() and not _STOPPED.search(line) for line, after in pairs)
    return bool(pairs) and running / len(pairs) >= _WRAPPED_SHARE


def _boundaries(text: str, start: int, end: int, language: str) -> Iterator[Span]:
    on_one_line = text[start:end].replace("\n", " ")  # sentencex takes "\n2012. The" in wrapped text for a list
    for boundary in get_sentence_boundaries(language, on_one_line):
        yield start + boundary["start_index"], start + boundary["end_index"]


def _joined(text: str, spans: Iterator[Span]) -> Iterator[Span]:
    """Put together what an abbreviation or a dateline has parted."""
    held: Span | None = None
    for low, high in spans:
        if held is None:
            held = (low, high)
        elif _goes_on(text[held[0] : held[1]].rstrip(), text[low:high].strip()):
            held = (held[0], high)
        else:
            yield held
            held = (low, high)
    if held is not None:
        yield held


def _goes_on(before: str, after: str) -> bool:
    if _OPENS_A_NAME.search(before):
        return not _OPENS_A_NUMBER.search(before) or after[:1].isdigit() or after[:1] == "("
    if _TIME_OF_DAY.search(before) and _TIME_ZONE.match(after):
        return True
    return bool(_AGENCY.search(before)) or bool(_DATELINE.fullmatch(before))


def _parts(text: str, low: int, high: int, language: str) -> Iterator[Span]:
    """A sentence cut where a quotation in it goes from one sentence to the next: each takes a stance of its own."""
    cuts = [low]
    for quotation in _QUOTATION.finditer(text, low, high):
        start, end = quotation.span()
        inner = _joined(text, _boundaries(text, start + 1, end - 1, language))
        cuts += [first for first, _ in inner][1:]
    yield from pairwise([*cuts, high])


def _trimmed(text: str, low: int, high: int) -> Span:
    piece = text[low:high]
    return low + len(piece) - len(piece.lstrip()), high - (len(piece) - len(piece.rstrip()))

"""Fields that several formats write and read the same way."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.exchange.contract import Mark, Task
from pipeline.records import StanceError, listing
from pipeline.votes import Vote

_POSITION = re.compile(r"([0-9]{1,18})(?:\.0)?")  # ".0": spreadsheets and pandas write so
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f�]+")


def task_fields(task: Task) -> dict[str, Any]:
    """The sentence with what is known of it; each field of every task, since tools ask for them."""
    item, sentence = task.item, task.item.sentence
    return {
        "doc_id": sentence.document,
        "position": sentence.position,
        "text": sentence.text,
        "before": item.before,
        "after": item.after,
        "suggestion": item.suggestion,
        "score": item.score,
        "why": item.why,
    }


def vote_fields(vote: Vote) -> dict[str, Any]:
    """What has to be known of a vote beside its sentence."""
    return {
        "label": vote.label,
        "annotator": vote.annotator,
        "weight": vote.weight,
        "when": vote.when.isoformat(),
    }


def sentence_mark(fields: Mapping[str, Any], place: str) -> Mark:
    """The sentence that the fields of a task are of, without a label.

    Raises:
        StanceError: they do not say which sentence, or not its text.
    """
    document, given = fields.get("doc_id"), _POSITION.fullmatch(str(fields.get("position")))
    text = fields.get("text", fields.get("data"))  # doccano has called it both
    if document is None or document == "" or given is None or not isinstance(text, str):
        found = listing([name for name, value in fields.items() if value is not None], most=8) or "none"
        raise StanceError(
            f"{place}: needs a doc_id, a position and a text; found {found}. Read what a tool made of the output of "
            "stance label export"
        )
    return Mark(place, f"{document}#{int(given[1])}", text)


def vote_mark(sentence: Mark, fields: Mapping[str, Any]) -> Mark:
    """The sentence with a vote that `vote_fields` wrote.

    Raises:
        StanceError: its time or weight cannot be read.
    """
    return Mark(
        sentence.place,
        sentence.sentence_id,
        sentence.text,
        word(fields.get("label")),
        word(fields.get("annotator")),
        instant(fields.get("when"), sentence.place),
        weight(fields.get("weight"), sentence.place),
    )


def word(value: object) -> str | None:
    """A label or a name without the blanks around it; None where there is nothing."""
    return None if value is None else str(value).strip() or None


def instant(value: object, place: str) -> datetime | None:
    """A moment in UTC; what names no time zone is taken for UTC.

    Raises:
        StanceError: it is no date with a time.
    """
    if value is None or value == "":
        return None
    try:
        when = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        raise StanceError(
            f'{place}: the time "{value}" is not like 2026-03-01T12:00:00+00:00. Mend it, or empty it'
        ) from None


def weight(value: object, place: str) -> float:
    """How much a vote weighs; 1 where nothing is said.

    Raises:
        StanceError: it is no number.
    """
    if value is None or value == "":
        return 1.0
    try:
        return float(str(value))
    except ValueError:
        raise StanceError(f'{place}: the weight "{value}" is not a number. Mend it, or empty it') from None


def is_same(one: str, other: str) -> bool:
    """Whether two texts are one, but for blanks and control characters, which tools change."""
    return _BLANK.sub(" ", one).strip() == _BLANK.sub(" ", other).strip()


def text_of(path: Path) -> str:
    """All that stands in a file.

    Raises:
        StanceError: it is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise StanceError(f"{path}: not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8") from None

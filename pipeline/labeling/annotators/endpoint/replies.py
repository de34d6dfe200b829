"""What an endpoint answered: to labels, or to a complaint that says why it is of no use."""

import json
from collections.abc import Sequence
from typing import Any

from pipeline.labeling.annotators.answers import Answer

LEAST = 0.01  # weight of an answer whose confidence is lower: a vote weighs more than nothing


def read_reply(text: str, n_questions: int, batch: int, labels: Sequence[str]) -> tuple[dict[int, Answer], str]:
    """The answers by the place of their question, and a complaint where one is missing or of no use.

    Args:
        text: JSON; what stands around it, such as a fence of Markdown, is passed over.
        n_questions: that were asked.
        batch: that the prompt was compiled for: with more than one, answers are numbered.
        labels: that an answer may have.
    """
    try:
        found = json.loads(text[text.index("{") : text.rindex("}") + 1])
    except (ValueError, RecursionError):
        return {}, "it is not JSON"
    if batch == 1:
        entries: Any = [{**found, "number": 1}] if isinstance(found, dict) else None
    else:
        entries = found.get("answers") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        return {}, "it has no list `answers`"
    return _numbered(entries, n_questions, labels)


def _numbered(entries: list[Any], n_questions: int, labels: Sequence[str]) -> tuple[dict[int, Answer], str]:
    answers: dict[int, Answer] = {}
    complaint = ""
    for entry in entries:
        number: Any = entry.get("number") if isinstance(entry, dict) else None
        if not _is_whole(number) or not 1 <= number <= n_questions or number - 1 in answers:
            complaint = complaint or "an entry is not an object with the number of a sentence, each once"
            continue
        answer = _answer(entry, labels)
        if isinstance(answer, str):
            complaint = complaint or answer
        else:
            answers[number - 1] = answer
    if len(answers) < n_questions:
        complaint = complaint or "it leaves sentences out"
    return answers, complaint


def _answer(entry: dict[str, Any], labels: Sequence[str]) -> Answer | str:
    label: Any = entry.get("label")
    confidence: Any = entry.get("confidence")
    if label not in labels:
        return f"`label` is {json.dumps(label)}, which is not one of {', '.join(labels)}"
    if confidence is None:
        return Answer(label)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
        return f"`confidence` is {json.dumps(confidence)}, which is not a number from 0 to 1"
    return Answer(label, max(LEAST, float(confidence)))


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)

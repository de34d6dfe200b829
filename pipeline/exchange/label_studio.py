"""Label Studio: its JSON of tasks, out and in, and its JSON-MIN, in.

An annotation that goes out carries its vote along: there, whoever loads the file becomes its author, at that moment.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.codebook import Codebook
from pipeline.exchange.contract import Mark, Task
from pipeline.exchange.fields import instant, sentence_mark, task_fields, text_of, vote_fields, vote_mark, word
from pipeline.exchange.labeling_config import CHOICES, TEXT, labeling_config
from pipeline.records import StanceError, listing
from pipeline.store.atomic import write_text
from pipeline.votes import Vote

CONFIG_SUFFIX = ".xml"


def write(path: Path, tasks: Sequence[Task], codebook: Codebook) -> None:
    """Write tasks, and beside them the labeling config that they need, with the suffix `.xml`.

    Raises:
        StanceError: the file's name is the config's, or it cannot be written to.
    """
    config = path.with_suffix(CONFIG_SUFFIX)
    if config == path:
        raise StanceError(f"{path}: the labeling config is to be written there. Name the tasks {path.stem}.json")
    if config.exists() and config.read_text(encoding="utf-8") != labeling_config(codebook):
        raise StanceError(f"{config}: is there already, and no labeling config of this codebook. Name another file")
    written = [_task(task, tuple(codebook.labels)) for task in tasks]
    write_text(config, labeling_config(codebook))
    write_text(path, json.dumps(written, ensure_ascii=False, indent=1) + "\n")


def _task(task: Task, labels: Sequence[str]) -> dict[str, Any]:
    item = task.item
    predictions = []
    if item.suggestion in labels:  # Label Studio refuses what the config does not offer
        score = {} if item.score is None else {"score": item.score}
        predictions.append({"model_version": "suggestion", "result": [_result(str(item.suggestion))], **score})
    annotations = [_annotation(vote) for vote in task.votes]
    return {"data": task_fields(task), "predictions": predictions, "annotations": annotations}


def _result(label: str) -> dict[str, Any]:
    return {"from_name": CHOICES, "to_name": TEXT, "type": "choices", "value": {"choices": [label]}}


def _annotation(vote: Vote) -> dict[str, Any]:
    result = _result(vote.label) | {"meta": {"vote": vote_fields(vote)}}
    is_email = "@" in vote.annotator  # the one way to name somebody there; it has to be a member's
    author = {"completed_by": {"email": vote.annotator}} if is_email else {}
    when = vote.when.isoformat()
    return {
        "result": [result], **author, "was_cancelled": False, "ground_truth": False,
        "created_at": when, "updated_at": when,
    }  # fmt: skip


def read(path: Path) -> Iterator[Mark]:
    """What stands in an export, JSON or JSON-MIN.

    Raises:
        StanceError: it is neither, or of tasks that were not sent from here.
    """
    tasks = _tasks(path)
    is_min = bool(tasks) and not any("data" in task and "annotations" in task for task in tasks)
    if is_min and not any(CHOICES in task for task in tasks):
        raise StanceError(
            f'{path}: no task has "annotations", nor a "{CHOICES}"; found {listing(list(tasks[0]), most=8)}. Export as '
            f"JSON, from a project with the labeling config that was written with the tasks"
        )
    for number, task in enumerate(tasks, start=1):
        place = f"{path}: task {task.get('id', number)}"
        yield from [_from_min(task, place)] if is_min else _from_task(task, place)


def _tasks(path: Path) -> list[dict[str, Any]]:
    try:
        tasks = json.loads(text_of(path))
    except (json.JSONDecodeError, RecursionError) as error:
        where = f":{error.lineno}: not JSON: {error.msg}" if isinstance(error, json.JSONDecodeError) else ": not JSON"
        raise StanceError(f"{path}{where}. Export it again") from None
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise StanceError(f"{path}: is not a list of tasks. Export as JSON or JSON-MIN")
    return tasks


def _from_task(task: dict[str, Any], place: str) -> Iterator[Mark]:
    sentence = sentence_mark(_mapping(task.get("data")), place)
    marks = [
        mark
        for annotation in _mappings(task.get("annotations"))
        if not annotation.get("was_cancelled") and (mark := _from_annotation(annotation, sentence)) is not None
    ]
    yield from marks or [sentence]


def _from_annotation(annotation: dict[str, Any], sentence: Mark) -> Mark | None:
    results = [each for each in _mappings(annotation.get("result")) if each.get("type") == "choices"]
    results = [each for each in results if each.get("from_name") == CHOICES] or results
    label = _single([_mapping(each.get("value")) for each in results], sentence.place)
    sent = next((vote for each in results if (vote := _mapping(_mapping(each.get("meta")).get("vote")))), None)
    if sent is not None and sent.get("label") == label:
        return vote_mark(sentence, sent)
    return _labeled(sentence, label, annotation.get("completed_by"), annotation) if label is not None else None


def _from_min(task: dict[str, Any], place: str) -> Mark:
    sentence, given = sentence_mark(task, place), task.get(CHOICES)
    label = _single([given if isinstance(given, dict) else {"choices": given}], place)
    return _labeled(sentence, label, task.get("annotator"), task) if label is not None else sentence


def _single(values: Sequence[dict[str, Any]], place: str) -> str | None:
    chosen: list[str] = []
    for value in values:
        choices = value.get("choices") or []
        chosen += [str(choice) for choice in (choices if isinstance(choices, list) else [choices])]
    if len(chosen) > 1:
        raise StanceError(f"{place}: one annotator gives it {listing(chosen)}; a sentence takes one label. Leave one")
    return word(chosen[0]) if chosen else None


def _labeled(sentence: Mark, label: str, author: object, dated: dict[str, Any]) -> Mark:
    when = instant(dated.get("updated_at") or dated.get("created_at"), sentence.place)
    return replace(sentence, label=label, annotator=_name(author), when=when)


def _name(author: object) -> str | None:
    """Whom Label Studio names: by an address, or only by a number."""
    if isinstance(author, dict):
        author = author.get("email") or author.get("id")
    return f"user {author}" if isinstance(author, int) else word(author)


def _mappings(value: object) -> list[dict[str, Any]]:
    return [_mapping(each) for each in value] if isinstance(value, list) else []


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

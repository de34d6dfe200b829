"""Everything wrong with a config, each with its place and the nearest right word."""

import json
import re
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.config.base import KeyPath, PlacedError
from pipeline.records import did_you_mean

SYNONYMS = {"gpu": "cuda"}  # spelled like one option, meant as another
PLAIN = {
    "should be a valid array": "should be a list, as in [a, b]",
    "should be an object": "should be a section, with keys of its own",
    "should be a valid string": "should be text",
}
Places = Mapping[KeyPath, str]


def describe(error: ValidationError, raw: Mapping[str, Any], places: Places, schema: type[BaseModel]) -> list[str]:
    """One line a problem, in the order of the file: ``file:line: a.b: what; what to do``."""
    in_order = {path: index for index, path in enumerate(places)}
    lines: list[tuple[int, str]] = []
    for details in error.errors(include_url=False):
        section = _without_union_tags(details["loc"], raw)
        cause = details.get("ctx", {}).get("error")
        placed = cause.problems if isinstance(cause, PlacedError) else [((), _what(details, section, raw, schema))]
        for below, what in placed:
            path = (*section, *below)
            written = _deepest_written(path, places)
            dotted = ".".join(str(part) for part in path) or "(whole file)"
            lines.append((in_order[written], f"{places[written]}: {dotted}: {what}"))
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def _what(details: ErrorDetails, path: Sequence[str | int], raw: Mapping[str, Any], schema: type[BaseModel]) -> str:
    kind = details["type"]
    if kind == "extra_forbidden":
        here, *others = _models_at(schema, path[:-1], raw)
        for other in others:
            if path[-1] in other.model_fields:
                return f"is a key of kind {_kind_of(other)}, not of {_kind_of(here)}. Take it out, or change the kind"
        known = list(here.model_fields)
        return f"unknown key.{did_you_mean(path[-1], known) or ' Known here: ' + ', '.join(known) + '.'}"
    if kind == "missing":
        return "this key is missing; add it"
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        return _bad_kind(details)
    if kind == "value_error":
        return str(details["ctx"]["error"])
    message = re.sub(r"^[A-Z][a-z]+ (?=should )| after validation, not \d+$", "", details["msg"])
    found = json.dumps(details["input"], default=str, ensure_ascii=False)
    advice = _expected_words(details) or _quotes(details)
    return f"{PLAIN.get(message, message)}; found {found}{_type_hint(details)}.{advice}"


def _bad_kind(details: ErrorDetails) -> str:
    expected = details.get("ctx", {}).get("expected_tags", "'baseline', 'static', 'embedding', 'transformer'")
    words = [word.strip(" '") for word in expected.split(",")]
    found = details.get("ctx", {}).get("tag")
    if found is None:
        return f"kind is missing; it is one of {', '.join(words)}"
    return f'kind "{found}" is not one of {", ".join(words)}.{did_you_mean(found, words)}'


def _expected_words(details: ErrorDetails) -> str:
    if details["type"] != "literal_error":
        return ""
    expected = details["ctx"]["expected"].replace(" or ", ", ")
    found = SYNONYMS.get(str(details["input"]), details["input"])
    return did_you_mean(found, [word.strip(" '") for word in expected.split(",")])


def _quotes(details: ErrorDetails) -> str:
    """Say how a number becomes text."""
    is_number = isinstance(details["input"], int | float) and not isinstance(details["input"], bool)
    return f" Put it in quotes: '\"{details['input']}\"'" if details["type"] == "string_type" and is_number else ""


def _type_hint(details: ErrorDetails) -> str:
    """Say that a number or a truth value was given as text, which its look hides."""
    if not isinstance(details["input"], str):
        return ""
    if details["type"] == "bool_type":
        return " (text; YAML 1.2 writes true and false)"
    return " (text)" if details["type"] in {"int_type", "float_type"} else ""


def _without_union_tags(loc: Sequence[str | int], raw: Any) -> tuple[str | int, ...]:
    """Drop the tags that pydantic puts into the path of a section chosen by its `kind`."""
    path: list[str | int] = []
    here = raw
    for part in loc:
        if path and isinstance(here, Mapping) and part not in here and here.get("kind") == part:
            continue
        path.append(part)
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
    return tuple(path)


def _deepest_written(path: Sequence[str | int], places: Places) -> tuple[str | int, ...]:
    """The longest part of the path that the user wrote."""
    lengths = range(len(path), -1, -1)
    return next(tuple(path[:length]) for length in lengths if tuple(path[:length]) in places)


def _models_at(schema: type[BaseModel], path: Sequence[str | int], raw: Any) -> list[type[BaseModel]]:
    """The sections that may stand at a path; of a union, that of the `kind` found there comes first."""
    models: list[type[BaseModel]] = [schema]
    here = raw
    for part in path:
        here = here[part]
        found = _models_in(models[0].model_fields[part].annotation) if part in models[0].model_fields else []
        if found:  # none: an item of a list, or of a mapping with free keys
            kind = _get(here, "kind")
            models = sorted(found, key=lambda model: _kind_of(model) != kind)
    return models


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None


def _kind_of(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("kind")
    return typing.get_args(field.annotation)[0] if field else None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """Every section class that an annotation mentions, however deep."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in typing.get_args(annotation) for model in _models_in(part)]

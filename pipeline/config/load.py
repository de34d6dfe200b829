"""A YAML file and overrides to a checked config, and back."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from pipeline.config.problems import describe
from pipeline.config.root import Config
from pipeline.records import StanceError

SectionT = TypeVar("SectionT", bound=BaseModel)
KeyPath = tuple[str | int, ...]


def load_config(path: Path | str, overrides: Sequence[str] = ()) -> Config:
    """The checked config in a YAML file, after ``a.b=value`` overrides.

    Raises:
        StanceError: the file is missing or is not YAML, or the config has problems; all of them are named.
    """
    return parse_yaml(Config, Path(path), overrides)


def parse_yaml(schema: type[SectionT], path: Path, overrides: Sequence[str] = ()) -> SectionT:
    """The contents of a YAML file as a section, checked strictly.

    Raises:
        StanceError: the file is missing or is not YAML, or has problems; all of them are named.
    """
    raw = read_yaml(path)
    places = {(): str(path), **_lines(raw, path)}
    for override in overrides:
        _apply(raw, override, places)
    plain = json.dumps(raw, default=str)
    try:
        return schema.model_validate_json(plain)
    except ValidationError as error:
        problems = describe(error, json.loads(plain), places, schema)
        raise StanceError(_report(path, problems)) from None


def read_yaml(path: Path) -> CommentedMap:
    """A YAML 1.2 mapping that remembers its lines; a repeated key is an error.

    Raises:
        StanceError: no such file, not UTF-8, not YAML, or not a mapping.
    """
    try:
        loaded = YAML(typ="rt", pure=True).load(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise StanceError(f"{path}: no such file. Name a YAML file, such as configs/baseline.yaml") from None
    except UnicodeDecodeError as error:
        raise StanceError(f"{path}: byte {error.start} is not UTF-8. Save the file as UTF-8") from None
    except MarkedYAMLError as error:
        raise StanceError(f"{path}:{_line_of(error)}: not valid YAML: {_problem_of(error)}") from None
    if not isinstance(loaded, CommentedMap):
        raise StanceError(f"{path}: expected keys with values (a YAML mapping), found {type(loaded).__name__}")
    return loaded


def dump_yaml(config: Config) -> str:
    """The config as YAML, every default written out; loading it gives the same config."""
    stream = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 110
    yaml.dump(config.model_dump(mode="json"), stream)
    return stream.getvalue()


def _line_of(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return (mark.line + 1) if mark else 1


def _problem_of(error: MarkedYAMLError) -> str:
    first = str(error.problem or error.context).splitlines()[0]
    return f"{first}. Mend that line" if "duplicate" not in first else f"{first}. Keep one of the two"


def _lines(node: Any, path: Path, prefix: KeyPath = ()) -> dict[KeyPath, str]:
    """The ``file:line`` of every key and item below a node."""
    places: dict[KeyPath, str] = {}
    for key, value in _children(node):
        line = node.lc.key(key)[0] if isinstance(node, CommentedMap) else node.lc.item(key)[0]
        places[(*prefix, key)] = f"{path}:{line + 1}"
        places.update(_lines(value, path, (*prefix, key)))
    return places


def _children(node: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(node, CommentedMap):
        return list(node.items())
    return enumerate(node) if isinstance(node, CommentedSeq) else ()


def _apply(raw: CommentedMap, override: str, places: dict[KeyPath, str]) -> None:
    """Set one ``a.b=value``; the value is read as YAML, so lists and numbers come out as such."""
    dotted, equals, text = override.partition("=")
    keys = dotted.strip().split(".")
    if not equals or not all(keys):
        raise StanceError(f'--set {override}: expected section.key=value, as in "--set train.epochs=3"')
    node: Any = raw
    for key in keys[:-1]:
        node = node.setdefault(key, CommentedMap())
        if not isinstance(node, CommentedMap):
            raise StanceError(f"--set {override}: {key} is a value, not a section; nothing lies below it")
    try:
        node[keys[-1]] = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        raise StanceError(f"--set {override}: the value is not valid YAML: {_problem_of(error)}") from None
    places[tuple(keys)] = f"--set {override}"


def _report(path: Path, problems: Sequence[str]) -> str:
    if len(problems) == 1:
        return problems[0]
    return f"{path}: {len(problems)} problems\n" + "\n".join(f"  {problem}" for problem in problems)


def json_schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of a config, for editors that complete and check keys."""
    schema = Config.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "stance-pipeline run",
    }

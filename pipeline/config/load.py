"""A YAML file and overrides to a checked config, and back."""

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from pipeline.config.base import KeyPath
from pipeline.config.problems import describe
from pipeline.config.root import Config
from pipeline.records import StanceError

SectionT = TypeVar("SectionT", bound=BaseModel)
TOO_DEEP = "nested too deep, or an alias (*name) that holds itself. Write it out"
_IN_WORDS = {"NoneType": "nothing", "CommentedSeq": "a list"}


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
    _as_json(raw, path)  # that it can be gone through at all
    places = {(): str(path), **_lines(raw, path)}
    for override in overrides:
        _apply(raw, override, places)
    plain = _as_json(raw, path)
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
        is_setting = re.match(r"[\w.]+=", str(path)) and path.suffix not in {".yaml", ".yml"}
        remedy = "Each setting takes a --set of its own" if is_setting else "Name a YAML file, such as"
        raise StanceError(f"{path}: no such file. {remedy}{'' if is_setting else ' configs/baseline.yaml'}") from None
    except UnicodeDecodeError as error:
        raise StanceError(f"{path}: byte {error.start} is not UTF-8. Save the file as UTF-8") from None
    except RecursionError:
        raise StanceError(f"{path}: {TOO_DEEP}") from None
    except YAMLError as error:
        raise StanceError(f"{path}:{_line_of(error, path)}: not valid YAML: {_problem_of(error)}") from None
    if not isinstance(loaded, CommentedMap):
        found = _IN_WORDS.get(type(loaded).__name__, "a single value")
        raise StanceError(f"{path}: expected keys with values (key: value), found {found}")
    return loaded


def dump_yaml(config: Config) -> str:
    """The config as YAML, every default written out; loading it gives the same config."""
    stream = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 110
    yaml.dump(config.model_dump(mode="json"), stream)
    return stream.getvalue()


def _line_of(error: YAMLError, path: Path) -> int:
    if isinstance(error, ReaderError):  # a character that YAML forbids; it knows the offset only
        return path.read_text(encoding="utf-8").count("\n", 0, error.position) + 1
    mark = (error.problem_mark or error.context_mark) if isinstance(error, MarkedYAMLError) else None
    return (mark.line + 1) if mark else 1


def _problem_of(error: YAMLError) -> str:
    said = (error.problem or error.context) if isinstance(error, MarkedYAMLError) else error
    first = str(said).splitlines()[0]
    return f"{first}. Keep one of the two" if "duplicate" in first else f"{first}. Mend it"


def _as_json(raw: CommentedMap, path: Path) -> str:
    try:
        return json.dumps(_with_text_keys(raw), default=str)
    except RecursionError:
        raise StanceError(f"{path}: {TOO_DEEP}") from None


def _with_text_keys(node: Any) -> Any:
    """The node with every key as it is written: JSON, and the schema, know no others."""
    if isinstance(node, Mapping):
        return {_written(key): _with_text_keys(value) for key, value in node.items()}
    return [_with_text_keys(item) for item in node] if isinstance(node, list) else node


def _written(key: object) -> str:
    return key if isinstance(key, str) else json.dumps(key, default=str).strip('"')


def _lines(node: Any, path: Path, prefix: KeyPath = ()) -> dict[KeyPath, str]:
    """The ``file:line`` of every key and item below a node."""
    places: dict[KeyPath, str] = {}
    for key, value in _children(node):
        place = (*prefix, key if isinstance(node, CommentedSeq) else _written(key))
        places[place] = f"{path}:{_line_in(node, key) + 1}"
        places.update(_lines(value, path, place))
    return places


def _line_in(node: Any, key: Any) -> int:
    """The line of a key or item, from 0; of a key that a merge (``<<``) brings, the line of its section."""
    if key not in node.lc.data:
        return int(node.lc.line)
    return int(node.lc.key(key)[0] if isinstance(node, CommentedMap) else node.lc.item(key)[0])


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
    for depth, key in enumerate(keys[:-1], start=1):
        if node.get(key) is None:  # not there, or a section without a line
            node[key] = CommentedMap()
            places.setdefault(tuple(keys[:depth]), f"--set {override}")
        node = node[key]
        if not isinstance(node, Mapping):
            raise StanceError(f"--set {override}: {key} is a value, not a section; nothing lies below it")
    try:
        node[keys[-1]] = YAML(typ="safe", pure=True).load(text)
    except RecursionError:
        raise StanceError(f"--set {dotted}: {TOO_DEEP}") from None
    except YAMLError as error:
        raise StanceError(f"--set {override}: the value is not valid YAML: {_problem_of(error)}") from None
    for place in [place for place in places if place[: len(keys)] == tuple(keys)]:
        del places[place]  # what the file had there counts no more
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

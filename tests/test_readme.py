"""What the README and the Makefile say is so."""

import re
import subprocess
from pathlib import Path

import pytest

from pipeline.config import json_schema, load_config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = [
    "help",
    "setup",
    "run",
    "ingest",
    "label",
    "split",
    "train",
    "evaluate",
    "predict",
    "ui",
    "check",
    "test",
    "clean",
]


def tree() -> list[str]:
    """Paths that the README's tree draws."""
    block = next(block for block in README.split("```") if "├── pipeline/" in block)
    paths: list[str] = []
    parents: list[str] = []
    for line in block.splitlines():
        match = re.match(r"((?:│   |    )*)(?:├── |└── )(\S+)", line)
        if match:
            depth = len(match[1]) // 4
            parents[depth:] = [match[2].rstrip("/")]
            paths.append("/".join(parents))
    return paths


CONFIGS = [ROOT / path for path in tree() if path.endswith(".yaml") and path.startswith("configs/")]


def test_the_tree_is_true():
    drawn = tree()
    assert len(drawn) > 30
    assert [path for path in drawn if not (ROOT / path).exists()] == []


def test_the_tree_is_whole():
    drawn = set(tree())
    for folder in ("pipeline", "configs", "data", "benchmarks", ""):
        tracked = _tracked(folder)
        assert {f"{folder}/{name}".lstrip("/") for name in tracked} - drawn == set()


def _tracked(folder: str) -> set[str]:
    """Names right below a folder, as git has them: what a user put there is not the project's.

    What starts with a dot or an underscore is left out.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", f"./{folder}"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    names = {Path(path).relative_to(folder).parts[0] for path in listed}
    return {name for name in names if not name.startswith((".", "_")) and name != "py.typed"}


def test_every_link_leads_somewhere():
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert len(links) > 3
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_it_names_is_there():
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE)) | set(re.findall(r"`make ([a-z-]+)", README))
    assert {"run", "test", "predict", "ui"} <= named <= targets


def test_make_help_lists_every_target():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in TARGETS:
        assert re.search(rf"^  {target}\b", listed, re.MULTILINE), target


def test_every_stance_command_it_shows_is_understood():
    from typer.main import get_command

    from pipeline.cli import app

    shown = re.findall(r"^(?:.*-m pipeline|stance) ([a-z]+)", README, re.MULTILINE)
    assert len(shown) > 3
    assert set(shown) <= set(get_command(app).commands)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_is_right_complete_and_opens_well(path):
    config = load_config(path)
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    assert first == "# yaml-language-server: $schema=schema.json"
    header = "\n".join(line for line in rest if line.startswith("#"))
    runs = {"cameo_benchmark.yaml": "python benchmarks/cameo.py FOLDER"}
    assert runs.get(path.name, f"make run CONFIG=configs/{path.name}") in header
    assert "Takes:" in header
    assert config.name == path.stem
    assert _keys(path) == set(_dotted(config.model_dump(mode="json", exclude={"evaluate": {"sets"}})))


def _keys(path: Path) -> set[str]:
    from pipeline.config.load import read_yaml

    return {key for key in _dotted(read_yaml(path)) if not key.startswith("evaluate.sets")}


def _dotted(value, prefix=""):
    if not isinstance(value, dict):
        return [prefix]
    return [key for name, below in value.items() for key in _dotted(below, f"{prefix}.{name}" if prefix else name)]


def test_every_config_is_found():
    assert {path.name for path in CONFIGS} == {name for name in _tracked("configs") if name.endswith(".yaml")}
    assert len(CONFIGS) >= 11


def test_the_schema_beside_the_configs_is_up_to_date():
    import json

    assert json.loads((ROOT / "configs/schema.json").read_text(encoding="utf-8")) == json_schema()


def test_the_lock_file_names_exact_versions_that_any_index_has():
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if re.match(r"\w", line)]
    assert len(lines) > 100
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert "torch==2.13.0" in lines

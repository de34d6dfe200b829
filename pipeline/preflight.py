"""What has to be there before a run begins, so that none fails after an hour for a file that was never there."""

from collections.abc import Callable
from pathlib import Path

from pipeline import ingest
from pipeline.codebook import codebook_for
from pipeline.config.evaluate import EvaluationSet
from pipeline.config.root import Config
from pipeline.models.saved import check_device
from pipeline.records import StanceError


def check(config: Config) -> None:
    """Make sure, before anything is done, that codebook, device and every file that the run will read are there.

    Raises:
        StanceError: something is not; every problem is named.
    """
    read, label = config.ingest, config.predict
    checks: list[tuple[str, Callable[[], object]]] = [
        ("", lambda: codebook_for(config)),
        ("", lambda: check_device(config.device)),
        ("ingest.inputs: ", lambda: ingest.find_sources(read.inputs, read.read_as)),
        ("predict.inputs: ", lambda: ingest.find_sources(label.inputs, label.read_as)),
        ("", lambda: _is_there("augment.countries", config.augment.countries)),
        ("", lambda: _is_there("behavior.suites", config.behavior.suites)),
        ("", lambda: _is_there("behavior.countries", config.behavior.countries)),
        ("", lambda: _is_there("evaluate.slices.documents", config.evaluate.slices.documents)),
        *[
            (f"evaluate.sets: {entry.name}: ", lambda entry=entry: fingerprint_set(entry))
            for entry in config.evaluate.sets
            if not entry.optional
        ],
    ]
    problems = []
    for key, look in checks:
        try:
            look()
        except StanceError as error:
            problems.append(f"{key}{error}")
    if problems:
        raise StanceError("\n".join(problems))


def _is_there(key: str, path: Path | None) -> None:
    if path is not None and not path.exists():
        raise StanceError(f"{key}: {path}: not there. Check the path, or leave the key out")


def fingerprint_set(entry: EvaluationSet) -> str:
    """Hash of what a further evaluation set holds.

    Raises:
        StanceError: it is not there.
    """
    return ingest.fingerprint_sources(ingest.find_sources([entry.path], entry.read_as))

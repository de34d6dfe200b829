"""What has to be there before a run begins, so that none fails after an hour for a file that was never there."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline import ingest
from pipeline.codebook import codebook_for
from pipeline.config.pretrain import PretrainConfig
from pipeline.config.root import Config
from pipeline.config.teach import TeachConfig
from pipeline.config.train import FromEncoder
from pipeline.countries import load_gazetteer
from pipeline.evaluation.behavior.suites import read_suites
from pipeline.evaluation.slices import check_columns
from pipeline.models import LabelSet
from pipeline.models.saved import check_device, check_labels
from pipeline.records import StanceError, did_you_mean
from pipeline.sets import is_left_out, read_set
from pipeline.teach import check_teachers, find_teachers
from pipeline.train import models_of
from pipeline.votes import VoteTable

Check = tuple[str, Callable[[], object]]  # what a problem begins with, and what looks for it


def check(config: Config) -> None:
    """Make sure, before anything is done, that codebook, device and every file that the run will read are there.

    Raises:
        StanceError: something is not; every problem is named.
    """
    read, label = config.ingest, config.predict
    problems = _found_by([("", lambda: codebook_for(config))])
    of_labels: list[Check] = [
        ("", lambda: _suites(config)),
        ("", lambda: _floors(config)),
        *[
            (f"evaluate.sets: {entry.name}: ", lambda entry=entry: read_set(entry, config.all_labels))
            for entry in config.evaluate.sets
            if not is_left_out(entry)
        ],
    ]
    problems += _found_by(
        [
            ("", lambda: check_device(config.device)),
            ("ingest.inputs: ", lambda: ingest.find_sources(read.inputs, read.read_as)),
            ("label.votes: ", lambda: _votes(config)),
            ("predict.inputs: ", lambda: ingest.find_sources(label.inputs, label.read_as)),
            *_unlabeled("pretrain", config.pretrain),
            *_unlabeled("teach", config.teach),
            ("", lambda: _pretrain(config)),
            ("", lambda: _teachers(config)),
            ("", lambda: _cascade(config)),
            ("train.mask_countries: ", lambda: _countries(config.train.mask_countries)),
            ("augment.countries: ", lambda: _countries(config.augment.countries)),
            ("behavior.countries: ", lambda: _countries(config.behavior.countries)),
            ("", lambda: _slices(config)),
            *([] if problems else of_labels),  # of wrong labels, once is enough
        ]
    )
    if problems:
        raise StanceError("\n".join(problems))


def _found_by(checks: Sequence[Check]) -> list[str]:
    problems = []
    for key, look in checks:
        try:
            look()
        except StanceError as error:
            problems.append(f"{key}{error}")
    return problems


def _votes(config: Config) -> None:
    folder = config.label.votes
    if folder is not None and not VoteTable(folder).is_there():
        raise StanceError(
            f"{folder}: no table of votes there. Fill one, as by `stance label serve` or `stance label rules --votes`"
        )


def _unlabeled(key: str, section: PretrainConfig | TeachConfig | None) -> list[Check]:
    if section is None or not section.inputs:
        return []
    return [(f"{key}.inputs: ", lambda: ingest.find_sources(section.inputs, section.read_as))]


def _pretrain(config: Config) -> None:
    if config.pretrain is not None and not isinstance(config.train, FromEncoder):
        raise StanceError(f"pretrain: kind {config.train.kind} starts from no encoder. Set pretrain to null")


def _teachers(config: Config) -> None:
    if config.teach is not None:
        check_teachers(find_teachers(config.teach.teachers), LabelSet(config.labels, config.background))


def _cascade(config: Config) -> None:
    for key, folder in models_of(config):
        check_labels(key, folder, LabelSet(config.labels, config.background))


def _countries(path: Path | None) -> None:
    if path is not None:
        load_gazetteer(path)


def _suites(config: Config) -> None:
    if config.behavior.suites is not None:
        read_suites(config.behavior.suites, config.all_labels)


def _slices(config: Config) -> None:
    if config.evaluate.slices.documents is not None:
        check_columns(config.evaluate.slices.documents, config.evaluate.slices.columns)


def _floors(config: Config) -> None:
    for label in config.promote.floors:
        if label not in config.all_labels:
            hint = did_you_mean(label, config.all_labels)
            raise StanceError(f"promote.floors: {label}: not one of {', '.join(config.all_labels)}.{hint}")

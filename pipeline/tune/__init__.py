"""A search for better settings: `space` says what may change, `folds` what it is measured on, `study` looks."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline import train as training
from pipeline.config.load import dump_yaml
from pipeline.config.root import Config
from pipeline.config.train import CascadeTraining, FromEncoder
from pipeline.config.tune import TuneConfig
from pipeline.models.saved import CARD_FILE
from pipeline.preflight import check
from pipeline.recipe import Audience, Recipe, run
from pipeline.records import StanceError
from pipeline.store import fingerprint
from pipeline.store.atomic import write_text
from pipeline.store.run_folder import open_run
from pipeline.tune.folds import make_folds
from pipeline.tune.picture import draw
from pipeline.tune.space import applied, space_of
from pipeline.tune.study import Found, Search, write_table

__all__ = ["Tuned", "tune"]

STORAGE = "tune.db"
TABLE = "trials.csv"
PICTURE = "trials.png"
BEST = "best.yaml"
SEARCH = "search.txt"  # whose table, picture and best config lie in the folder


@dataclass(frozen=True)
class Tuned:
    """What a search gives.

    Attributes:
        found: the trials and the best of them.
        config_path: a complete config with the best settings.
        validation_macro_f1: what a run of it gives on its validation part.
        folder: of the search: table and picture.
    """

    found: Found
    config_path: Path
    validation_macro_f1: float
    folder: Path


def tune(config: Config, audience: Audience, output: Path | None = None, told: Callable[[str], None] = print) -> Tuned:
    """Look for settings whose mean macro-F1 over folds is best, write them as a config, and train with it once.

    What is done lies in a database in the run's folder: the same command goes on where it was stopped, and a larger
    number of trials adds to those that were done.

    Args:
        config: of the run; its `tune` section says what may change.
        audience: who is told what happens.
        output: where the config goes; None: beside the search.
        told: of each trial, in a line.

    Raises:
        StanceError: a setting cannot be searched; there are too few documents; the config learns from a trained
            model; several processes were started.
    """
    _check_searchable(config)
    section = config.tune or TuneConfig()
    space = space_of(config)
    check(config)
    folder = config.run_dir / "tuning"
    with open_run(config.run_dir, audience.narrator) as run_folder:
        recipe = Recipe(config, run_folder, audience)
        made = recipe.split.value
        folds = make_folds(made.parts, made.pairs, section.folds, section.share, config.seed)
        folder.mkdir(exist_ok=True)
        key = _key(config, recipe)
        _put_by(folder, key, told)
        search = Search(recipe.to_train_with, section, space, folds, folder / STORAGE)
        found = search.go_on(key, audience, told)
        write_table(found, folder / TABLE)
        draw(found, folder / PICTURE)
    best = applied(config, found.best.values).model_copy(update={"name": f"{config.name}-tuned", "tune": None})
    trained = run(best, audience, until="train").train.value
    path = output or folder / BEST
    write_text(path, _header(found, trained.validation_macro_f1, path) + dump_yaml(best))
    return Tuned(found, path, trained.validation_macro_f1, folder)


def _check_searchable(config: Config) -> None:
    """Make sure that there is something to search for, and that nothing has seen what the search holds out.

    Raises:
        StanceError: a cascade, a teacher or a trained encoder is in the config; or several processes were started.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise StanceError("tune: several processes would each search for themselves. Start one, without torchrun")
    if isinstance(config.train, CascadeTraining):
        raise StanceError("tune: a cascade is made of trained models and has nothing to search for. Tune each of these")
    if config.teach is not None:
        raise StanceError("teach: teachers have seen sentences that the search holds out. Set teach to null to tune")
    if isinstance(config.train, FromEncoder) and (Path(config.train.encoder) / CARD_FILE).is_file():
        raise StanceError(
            f"train.encoder: {config.train.encoder}: a trained model may have seen sentences that the search holds "
            "out. Name the encoder that it began with"
        )


def _put_by(folder: Path, key: str, told: Callable[[str], None]) -> None:
    """Keep what another search has found under other names, and note whose the folder's files are."""
    note, short = folder / SEARCH, key[:8]
    earlier = note.read_text(encoding="utf-8").strip() if note.is_file() else short
    found = [folder / name for name in (BEST, TABLE, PICTURE) if (folder / name).is_file()]
    if earlier != short:
        for path in found:
            path.replace(path.with_stem(f"{path.stem}-{earlier}"))
        told(
            f"another search than before; what that one found is kept in {folder}, as best-{earlier}.yaml and "
            f"trials-{earlier}.csv"
        )
    write_text(note, short + "\n")


def _key(config: Config, recipe: Recipe) -> str:
    """What makes two searches the same: everything but how long they look."""
    searched = config.model_dump(mode="json", include={"seed", "labels", "background", "train", "augment", "pretrain"})
    section = (config.tune or TuneConfig()).model_dump(mode="json", exclude={"trials"})
    made_of = {**training.encoder_input(config), **training.countries_inputs(config)}
    if recipe.pretrain is not None:
        made_of["pretrained"] = recipe.pretrain.fingerprint
    stage = training.stage(config, config.training_seeds[0])
    by = [fingerprint.of_code((*stage.code, "tune")), fingerprint.of_libraries(stage.libraries)]
    return fingerprint.of_value([searched, section, recipe.split.fingerprint, made_of, by])


def _header(found: Found, validation_macro_f1: float, path: Path) -> str:
    return (
        f"# Found by stance tune: trial {found.best.number} of {len(found.trials)}, mean macro-F1 over "
        f"{found.n_folds} folds {found.best.score:.4f}.\n"
        f"# stance run {path}\n"
        f"# gives validation macro-F1 {validation_macro_f1:.4f} on the run's own split.\n\n"
    )

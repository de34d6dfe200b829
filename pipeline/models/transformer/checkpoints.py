"""Checkpoints that a killed training goes on from: only whole ones count."""

import json
import shutil
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from pipeline.store.atomic import write_text

MARK = "whole"


class MarkWhole(TrainerCallback):
    """Marks a checkpoint once everything in it is written."""

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Write the mark, on the process that writes."""
        if state.is_world_process_zero:
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / MARK).touch()


def last_whole(folder: Path) -> str | None:
    """The newest whole checkpoint; others are removed. None: there is none, training starts anew.

    The best one so far may have been written by a run in another place: its path is set to where it lies now.
    """
    checkpoints = sorted(folder.glob("checkpoint-*"), key=_step)
    whole = [path for path in checkpoints if (path / MARK).exists()]
    for path in checkpoints:
        if path not in whole:
            shutil.rmtree(path, ignore_errors=True)
    if not whole:
        return None
    _mend_paths(whole[-1], folder)
    return str(whole[-1])


def _step(path: Path) -> int:
    return int(path.name.rpartition("-")[2])


def _mend_paths(checkpoint: Path, folder: Path) -> None:
    state_path = checkpoint / "trainer_state.json"
    state = json.loads(state_path.read_text(encoding="utf-8"))
    best = state.get("best_model_checkpoint")
    here = str(folder / Path(best).name) if best else best
    if here != best:
        write_text(state_path, json.dumps({**state, "best_model_checkpoint": here}, indent=2, sort_keys=True) + "\n")

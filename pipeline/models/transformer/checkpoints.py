"""Checkpoints that a killed training goes on from: only whole ones count."""

import errno
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from pipeline.records import StanceError
from pipeline.store.atomic import write_text

MARK = "whole"  # file that holds the number of processes
STATE_FILE = "trainer_state.json"
LITTLE_ROOM = 2**24  # bytes


@contextmanager
def clear_when_full(folder: str) -> Iterator[None]:
    """Say that the disk is full where that is why a checkpoint cannot be written.

    Raises:
        StanceError: it is.
    """
    try:
        yield
    except Exception as error:
        if not _is_of_full_disk(error, folder):
            raise
        raise StanceError(
            f"{folder}: the disk is full: a checkpoint cannot be written. Free some room and give the same command "
            "again: training goes on from the last whole checkpoint"
        ) from None


class MarkWhole(TrainerCallback):
    """Marks a checkpoint once everything in it is written."""

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Write the mark, on the process that writes."""
        if not state.is_world_process_zero:
            return
        with clear_when_full(args.output_dir):
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / MARK).write_text(str(args.world_size))


def has_whole(folder: Path | None) -> bool:
    """Whether there is a checkpoint to go on from."""
    return folder is not None and any(_mark(path) is not None for path in folder.glob("checkpoint-*"))


def last_whole(folder: Path, n_processes: int = 1) -> Path | None:
    """The newest whole checkpoint; half-written ones are removed. None: there is none, training starts anew.

    The best one so far may have been written by a run in another place: its path is set to where it lies now.

    Raises:
        StanceError: another number of processes wrote them; an epoch has other steps there.
    """
    checkpoints = sorted(folder.glob("checkpoint-*"), key=_step)
    whole = [path for path in checkpoints if _mark(path) is not None]
    for path in checkpoints:
        if path not in whole:
            shutil.rmtree(path, ignore_errors=True)
    if not whole:
        return None
    before = _mark(whole[-1])
    if before != str(n_processes):
        raise StanceError(
            f"{folder}: an unfinished training of {before} processes, and now there are {n_processes}. Go on with "
            f"torchrun --nproc-per-node {before}, or remove the folder to start anew"
        )
    _mend_paths(whole[-1], folder)
    return whole[-1]


def epochs_until_patience_ended(checkpoint: Path, patience: int) -> float | None:
    """Epochs that training took, if the one that wrote the checkpoint had waited long enough for a better one."""
    state = json.loads((checkpoint / STATE_FILE).read_text(encoding="utf-8"))
    waited = state["stateful_callbacks"]["EarlyStoppingCallback"]["attributes"]["early_stopping_patience_counter"]
    return float(state["epoch"]) if waited >= patience else None


def _is_of_full_disk(error: Exception, folder: str) -> bool:
    """Whether writing failed for want of room; torch says only that it failed, and safetensors in words."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return True
    said = str(error)
    return "No space left" in said or ("PytorchStreamWriter" in said and shutil.disk_usage(folder).free < LITTLE_ROOM)


def _mark(checkpoint: Path) -> str | None:
    try:
        return (checkpoint / MARK).read_text(encoding="utf-8")
    except OSError:  # half-written; or another process has just removed it
        return None


def _step(path: Path) -> int:
    return int(path.name.rpartition("-")[2])


def _mend_paths(checkpoint: Path, folder: Path) -> None:
    state_path = checkpoint / STATE_FILE
    state = json.loads(state_path.read_text(encoding="utf-8"))
    best = state.get("best_model_checkpoint")
    here = str(folder / Path(best).name) if best else best
    if here != best:
        write_text(state_path, json.dumps({**state, "best_model_checkpoint": here}, indent=2, sort_keys=True) + "\n")

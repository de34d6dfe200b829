"""Where a model runs, and in what precision: the choice and the reason for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from pipeline.records import StanceError


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and why."""

    name: str
    reason: str


def choose_device(asked: str) -> Choice:
    """The device for ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Raises:
        StanceError: the one asked for is not there.
    """
    present = available()
    if asked == "auto":
        best = next(name for name in ("cuda", "mps", "cpu") if name in present)
        return Choice(best, f"auto: {present[best]}")
    if asked not in present:
        raise StanceError(
            f"device: {asked}: {_why_absent(asked)}. Found: {', '.join(present)}. Use device: auto or cpu"
        )
    return Choice(asked, f"asked for: {present[asked]}")


def available() -> dict[str, str]:
    """The devices of this machine, each with a word about it."""
    found = {}
    if torch.cuda.is_available():
        found["cuda"] = f"{torch.cuda.get_device_name(0)} ({torch.cuda.device_count()} GPUs)"
    if torch.backends.mps.is_available():
        found["mps"] = "Apple GPU"
    gpu = "" if found else "no GPU found, "
    found["cpu"] = f"{gpu}{torch.get_num_threads()} threads"
    return found


def _why_absent(name: str) -> str:
    if name == "cuda" and torch.version.cuda is None:
        return "this build of torch has no CUDA"
    return "no such device on this machine"


def choose_precision(asked: str, device: str) -> Choice:
    """Number format for training: ``fp32`` or ``bf16``.

    Raises:
        StanceError: bf16 was asked for and the device does not compute it natively.
    """
    native = _has_bf16(device)
    if asked == "bf16" and not native:
        raise StanceError(f"train.precision: bf16: this {device} does not compute it natively. Use fp32 or auto")
    if asked == "auto":
        return Choice("bf16" if native else "fp32", f"auto: {device} {'has' if native else 'has no'} native bf16")
    return Choice(asked, "asked for")


@contextmanager
def natively(device: str) -> Iterator[None]:
    """Compute in bf16 where the device does so natively: faster, for answers that need no more than two digits."""
    with torch.autocast(device, torch.bfloat16, enabled=_has_bf16(device)):
        yield


def _has_bf16(device: str) -> bool:
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device == "cpu" and bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())

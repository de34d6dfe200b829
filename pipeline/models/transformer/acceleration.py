"""Time for memory and memory for time, while an encoder trains."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.config.transformer import TransformerTraining
from pipeline.records import StanceError

COMPILERS = ("g++", "clang++")


@contextmanager
def faster(encoder: Any, config: TransformerTraining, device: str) -> Iterator[None]:
    """The encoder compiled, and with activations computed twice, where the config asks for it, for a while.

    Raises:
        StanceError: there is no compiler; the encoder cannot compute its activations twice.
    """
    if config.compile and device == "cpu" and not any(map(shutil.which, COMPILERS)):
        raise StanceError(
            "train.compile: no C++ compiler found, which torch.compile needs. Install g++, or set it to false"
        )
    if config.gradient_checkpointing:
        if not getattr(encoder, "supports_gradient_checkpointing", False):
            raise StanceError("train.gradient_checkpointing: this encoder does not support it. Set it to false")
        encoder.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})
    if config.compile:
        encoder.compile(dynamic=True)  # in place: the names of the weights stay
    try:
        yield
    finally:
        if config.compile:
            encoder._compiled_call_impl = None
        if config.gradient_checkpointing:
            encoder.activation_checkpointing_disable()

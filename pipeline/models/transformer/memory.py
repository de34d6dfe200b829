"""Batches that the memory holds."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from accelerate.utils.memory import clear_device_cache, should_reduce_batch_size

from pipeline.records import Listener, StanceError, TrainingEvent

KERNELS = "32"  # that oneDNN keeps, one a shape of batch; its own default, 1024, is a quarter of a GB here


def keep_few_kernels() -> None:
    """Have oneDNN (bf16 on CPU) keep few compiled kernels; before its first use in the process, else to no effect."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS)


@contextmanager
def clear_out_of_memory(what: str, remedy: str) -> Iterator[None]:
    """Say which setting asks for more memory than there is.

    Raises:
        StanceError: one does.
    """
    try:
        yield
    except RuntimeError as error:
        if not should_reduce_batch_size(error):
            raise
        raise StanceError(f"{what}: out of memory. Lower {remedy}, or take a smaller encoder") from None


def halve_until_it_fits(train: Callable[[int, int], None], batch_size: int, n_batches: int, listener: Listener) -> None:
    """Train; where the memory does not hold a batch, again with smaller ones, and as many sentences a step.

    Args:
        train: from the start or the last checkpoint; given the sentences of a batch, and the batches of a step.
        batch_size: to begin with.
        n_batches: to begin with.
        listener: told of each change.

    Raises:
        StanceError: it does not hold a single sentence; or there are several processes, which would wait for one.
    """
    while True:
        try:
            train(batch_size, n_batches)
        except RuntimeError as error:
            if not should_reduce_batch_size(error):
                raise
            if batch_size == 1 or int(os.environ.get("WORLD_SIZE", "1")) > 1:
                raise StanceError(_too_large(batch_size)) from None
        else:
            return
        smaller = _largest_divisor(batch_size * n_batches, at_most=batch_size // 2)
        listener(TrainingEvent(0, 0, 0.0, {}, note=_smaller(batch_size, smaller)))
        batch_size, n_batches = smaller, batch_size * n_batches // smaller
        clear_device_cache(garbage_collection=True)


def _largest_divisor(number: int, at_most: int) -> int:
    return next(divisor for divisor in range(at_most, 0, -1) if number % divisor == 0)


def _smaller(batch_size: int, smaller: int) -> str:
    return (
        f"out of memory with {batch_size} sentences a batch: goes on with {smaller}, and as many a step as before. "
        "Lower train.batch_size and raise train.gradient_accumulation to begin so"
    )


def _too_large(batch_size: int) -> str:
    return (
        f"train.batch_size: {batch_size}: out of memory. Lower train.batch_size or train.max_length, set "
        "train.gradient_checkpointing to true, or take a smaller encoder"
    )

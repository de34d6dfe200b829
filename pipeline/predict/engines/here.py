"""In this process: the next window is read while the model is at the one before."""

from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from pipeline.models.contract import StanceModel
from pipeline.predict.windows import Answered, Window
from pipeline.records import Prediction


def answer_here(model: StanceModel, windows: Iterator[Window], batch_size: int) -> Generator[Answered, None, None]:
    """Windows with what the model says of them."""
    with ThreadPoolExecutor(1, thread_name_prefix="predict") as worker:
        before: tuple[Window, Future[list[Prediction]]] | None = None
        for window in windows:
            texts = [sentence.text for sentence in window]
            coming = worker.submit(model.predict, texts, batch_size=batch_size)
            if before is not None:
                yield before[0], before[1].result()
            before = window, coming
        if before is not None:
            yield before[0], before[1].result()

"""In this process: the next windows are read, and prepared, while the model is at the one before."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from pipeline.models.contract import StanceModel
from pipeline.predict.windows import Answered, Window
from pipeline.records import Prediction


def answer_here(model: StanceModel, windows: Iterator[Window], batch_size: int) -> Generator[Answered, None, None]:
    """Windows with what the model says of them, in order."""
    with ThreadPoolExecutor(model.windows_at_once, thread_name_prefix="predict") as workers:
        waiting: deque[tuple[Window, Future[list[Prediction]]]] = deque()
        for window in windows:
            texts = [sentence.text for sentence in window]
            waiting.append((window, workers.submit(model.predict, texts, batch_size=batch_size)))
            if len(waiting) > model.windows_at_once:
                window, coming = waiting.popleft()  # noqa: PLW2901 (the oldest, whose turn it is)
                yield window, coming.result()
        while waiting:
            window, coming = waiting.popleft()
            yield window, coming.result()

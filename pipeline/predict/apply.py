"""Sentences through a model, a window at a time, so that memory does not grow with the input."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from pipeline.config.predict import Format, PredictConfig
from pipeline.models.contract import StanceModel
from pipeline.predict.predicted import Predicted
from pipeline.predict.shards import Shards, open_shards
from pipeline.predict.writers import comes_in_pieces
from pipeline.records import Prediction, Sentence, StanceError

WINDOW_BATCHES = 32  # batches sorted by length together
PIECE_SECONDS = 20  # of work that a killed command may lose

Progress = Callable[[int, str], None]
Window = list[Sentence]
Answered = tuple[Window, list[Prediction]]


def predict_file(
    model: StanceModel,
    sentences: Iterator[Sentence],
    output: Path,
    config: PredictConfig,
    progress: Progress = lambda n_sentences, source: None,
    *,
    job: str | None = None,
) -> Predicted:
    """Write a row a sentence, whole or not at all; the format is the config's.

    Args:
        model: a fitted model.
        sentences: what to label, in order.
        output: the file to write.
        config: format and batch size.
        progress: told how many sentences are done, and where the last one stood.
        job: says what is predicted from what: a killed call leaves finished pieces behind, and one with the same job
            goes on after them, to the same bytes. None: from the start.

    Raises:
        StanceError: an input cannot be read, the output cannot be written, or there is no sentence.
    """
    with open_shards(output, config.format, model.labels.all, job) as shards:
        done = shards.done
        _pass_over(sentences, done.n_before, progress)
        windows = iter(lambda: list(islice(sentences, config.batch_size * WINDOW_BATCHES)), [])
        answers = _answered(model, windows, config.batch_size)
        while _one_piece(answers, shards, config.format, progress):
            pass
        if done.n_sentences == 0:
            raise StanceError("predict: no sentence in the input; nothing was written. Name a file with text in it")
        shards.merge()
    return done


def _pass_over(sentences: Iterator[Sentence], n: int, progress: Progress) -> None:
    """Read what was labeled before the command was killed."""
    source = ""
    for sentence in islice(sentences, n):
        source = sentence.source
    if n:
        progress(n, source)


def _one_piece(answers: Iterator[Answered], shards: Shards, form: Format, progress: Progress) -> bool:
    """Write windows for a while; whether more may follow."""
    done, began = shards.done, time.monotonic()
    with shards.one_more() as writer:
        for window, predictions in answers:
            writer.write(window, predictions)
            done.add(window, predictions)
            progress(done.n_sentences, window[-1].source)
            if comes_in_pieces(form) and time.monotonic() - began > PIECE_SECONDS:
                return True
    return False


def _answered(model: StanceModel, windows: Iterator[Window], batch_size: int) -> Iterator[Answered]:
    """Windows with what the model says of them; each is read while the model is at the one before."""
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

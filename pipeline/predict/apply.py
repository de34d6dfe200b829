"""Sentences to a file of predictions, a window at a time, so that memory does not grow with the input."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from pipeline.config.predict import Format, PredictConfig
from pipeline.models.contract import StanceModel
from pipeline.predict.engines.here import answer_here
from pipeline.predict.predicted import Predicted
from pipeline.predict.shards import Shards, open_shards
from pipeline.predict.windows import Answered, Answers, after, windows_of
from pipeline.predict.writers import comes_in_pieces
from pipeline.records import Sentence, StanceError

PIECE_SECONDS = 20  # of work that a killed command may lose

Progress = Callable[[int, str], None]


class NothingToPredictError(StanceError):
    """The input has no sentence that can be read."""


def ignored(n_sentences: int, source: str) -> None:
    """No progress is shown."""


def predict_file(
    model: StanceModel,
    sentences: Iterator[Sentence],
    output: Path,
    config: PredictConfig,
    progress: Progress = ignored,
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

    def answers(n_before: int) -> Generator[Answered, None, None]:
        return answer_here(model, windows_of(after(sentences, n_before), model, config.batch_size), config.batch_size)

    return write_answers(answers, model.labels.all, output, config.format, progress, job=job)


def write_answers(
    answers: Answers,
    labels: Sequence[str],
    output: Path,
    form: Format,
    progress: Progress = ignored,
    *,
    job: str | None = None,
) -> Predicted:
    """As `predict_file`, whatever it is that answers.

    Args:
        answers: told how many sentences are done, gives what comes after them.
        labels: of the model, in the order of its probabilities.
        output: the file to write.
        form: its format.
        progress: told how many sentences are done, and where the last one stood.
        job: see `predict_file`.

    Raises:
        StanceError: an input cannot be read, the output cannot be written, or there is no sentence.
    """
    with open_shards(output, form, labels, job) as shards:
        done = shards.done
        with closing(answers(done.n_before)) as coming:
            while _one_piece(coming, shards, form, progress):
                pass
        if done.n_sentences == 0:
            raise NothingToPredictError(
                "predict: no sentence in the input; nothing was written. Name a file with text in it"
            )
        shards.merge()
    return done


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

"""Sentences of many requests through one model: what comes in while it is at work makes the next batch."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.models.contract import StanceModel
from pipeline.records import Prediction

AT_ONCE = 128  # sentences of all requests that the model sees at once; a larger request comes in turns with others


class TooMuchAsked(Exception):  # noqa: N818 (no fault of the program)
    """More sentences wait than the server allows."""


@dataclass
class _Asked:
    texts: list[str]
    answer: "asyncio.Future[list[Prediction]]"


class Batcher:
    """Answers requests together, in the order in which they came.

    The first is answered at once; those that come while the model is at work are answered together: under light load
    nobody waits for a batch to fill, and under heavy load batches are full.
    """

    def __init__(self, model: StanceModel, n_waiting: int, told: Callable[[int], None] = lambda n: None) -> None:
        """Take a model.

        Args:
            model: what answers.
            n_waiting: sentences that may wait.
            told: of each batch's number of sentences.
        """
        self._model, self._n_allowed, self._told = model, n_waiting, told
        self._waiting: list[_Asked] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._at_work: asyncio.Task[None] | None = None
        self.n_waiting = 0

    async def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """A prediction a sentence, in order.

        Raises:
            TooMuchAsked: too many sentences wait already.
        """
        if texts and self.n_waiting + len(texts) > self._n_allowed:
            raise TooMuchAsked
        self.n_waiting += len(texts)
        found: list[Prediction] = []
        try:
            while len(found) < len(texts):
                some = await self._turn(list(texts[len(found) : len(found) + AT_ONCE]))
                self.n_waiting -= len(some)
                found += some
        finally:
            self.n_waiting -= len(texts) - len(found)
        return found

    def close(self) -> None:
        """End the model's thread when its batch is done."""
        self._thread.shutdown()

    async def _turn(self, texts: list[str]) -> list[Prediction]:
        asked = _Asked(texts, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._at_work is None:
            self._at_work = asyncio.create_task(self._work())
        return await asked.answer

    async def _work(self) -> None:
        """Answer until nobody waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch = self._next_batch()
            texts = [text for asked in batch for text in asked.texts]
            if not texts:
                continue
            self._told(len(texts))
            try:
                rows = await loop.run_in_executor(self._thread, self._model.predict, texts)
            except Exception as error:  # noqa: BLE001 (whatever it is belongs to those who asked)
                for asked in batch:
                    if not asked.answer.done():
                        asked.answer.set_exception(error)
                continue
            start = 0
            for asked in batch:
                if not asked.answer.done():  # else whoever asked has given up
                    asked.answer.set_result(rows[start : start + len(asked.texts)])
                start += len(asked.texts)
        self._at_work = None

    def _next_batch(self) -> list[_Asked]:
        batch: list[_Asked] = []
        n = 0
        self._waiting = [asked for asked in self._waiting if not asked.answer.done()]
        while self._waiting and (not batch or n + len(self._waiting[0].texts) <= AT_ONCE):
            batch.append(self._waiting.pop(0))
            n += len(batch[-1].texts)
        return batch

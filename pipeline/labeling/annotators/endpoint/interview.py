"""Questions to an endpoint until each is answered, given up, or no longer affordable."""

import asyncio
from collections.abc import Iterator, Sequence

from pipeline.labeling.annotators.answers import Progress
from pipeline.labeling.annotators.endpoint.cache import AnswerCache
from pipeline.labeling.annotators.endpoint.client import Client, DeclinedError, Reply, UnavailableError
from pipeline.labeling.annotators.endpoint.pace import Pace, Patience
from pipeline.labeling.annotators.endpoint.prompt import Prompt, Question
from pipeline.labeling.annotators.endpoint.replies import read_reply
from pipeline.labeling.annotators.endpoint.tally import Kind, Tally
from pipeline.records import StanceError, counted

GO_ON = "What was answered is kept: the same command goes on from there"


class Interview:
    """Asks an endpoint; the answers are in the cache, however this ends.

    Args:
        client: that sends requests.
        prompt: that they carry.
        cache: that answers go to.
        tally: of what becomes of the questions; its budget bounds what is sent.
        patience: with the endpoint.
    """

    def __init__(self, client: Client, prompt: Prompt, cache: AnswerCache, tally: Tally, patience: Patience) -> None:
        self._tally = tally
        self._client = client
        self._prompt = prompt
        self._cache = cache
        self._patience = patience
        self._pace = Pace(self._patience)
        self._fault: StanceError | None = None
        self._n_replies = 0
        self._n_done = 0

    async def run(self, questions: Sequence[Question], progress: Progress) -> None:
        """Ask all of these, none twice.

        Raises:
            StanceError: the endpoint refuses, or is gone; or the cache cannot be written.
        """
        self._progress = progress
        size = self._prompt.batch
        batches = iter([list(questions[start : start + size]) for start in range(0, len(questions), size)])
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(self._patience.concurrency):
                    workers.create_task(self._work(batches))
        finally:
            await self._client.close()
        if self._fault is not None:
            raise self._fault
        if n := self._tally.given_up["not reached"]:
            raise StanceError(self._not_reached(counted(n, "sentence")))

    async def _work(self, batches: Iterator[list[Question]]) -> None:
        """Take batches, one after the other, until none is left or the end has come."""
        for batch in batches:
            try:
                await self._settle(batch)
            except StanceError as error:
                self._end(error)
            if self._pace.has_ended:
                return

    async def _settle(self, batch: list[Question]) -> None:
        """Ask until each of these has an answer, or is given up."""
        left, complaint, shown = batch, "", ""
        for _ in range(1 + self._patience.again):
            reply = await self._reply(left, complaint)
            if reply is None:
                return
            left, complaint = self._keep(left, reply)
            if not left:
                return
            shown = self._client.printed(reply.text)
        self._give_up(left, "of no use", f"{complaint}: {shown}")

    def _keep(self, asked: list[Question], reply: Reply) -> tuple[list[Question], str]:
        """Keep a reply's answers: the questions without one, and what is wrong with them."""
        answers, complaint = read_reply(reply.text, len(asked), self._prompt.batch, self._prompt.labels)
        for place, answer in answers.items():
            self._cache.put(asked[place].key, answer)
        if answers:
            self._tally.in_a_row.clear()
            self._tell(len(answers))
        left = [question for place, question in enumerate(asked) if place not in answers]
        return left, self._client.printed(complaint)

    async def _reply(self, questions: list[Question], complaint: str) -> Reply | None:
        """What the endpoint answers; None: the request was given up, or the end has come."""
        n_failed, n_replies = 0, self._n_replies
        while await self._may_send(questions, is_repeated=bool(complaint or n_failed)):
            try:
                reply = await self._client.ask(self._prompt.messages(questions, complaint))
            except DeclinedError as error:
                self._give_up(questions, "declined", str(error))
                return None
            except UnavailableError as error:
                if error.is_busy and self._n_replies > n_replies:  # with others; it will come to this one
                    n_failed, n_replies = 0, self._n_replies
                n_failed += 1
                if n_failed > self._patience.retries:
                    self._give_up(questions, "not reached", str(error))
                    return None
                await self._hold_off(n_failed, error)
            else:
                self._n_replies += 1
                self._tally.budget.use(reply.n_tokens)
                self._tally.in_a_row["not reached"] = 0
                return reply
        return None

    async def _may_send(self, questions: list[Question], *, is_repeated: bool) -> bool:
        """Wait for the time to send, and count the request; false: the end has come, or nothing is left to spend."""
        await self._pace.ready()
        if not self._pace.has_ended and self._tally.budget.spent:
            self._tally.stopped = self._tally.budget.spent
            self._pace.end()
        if self._pace.has_ended:
            return False
        self._tally.budget.send()
        self._tally.n_retried += is_repeated
        self._tally.asked.update(question.key for question in questions)
        return True

    async def _hold_off(self, n_failed: int, error: UnavailableError) -> None:
        if error.wait is not None and error.wait > self._patience.longest_wait:
            raise StanceError(f"{self._host}: asks to wait {error.wait:,.0f} seconds ({error}). {GO_ON}")
        await self._pace.hold_off(n_failed, error.wait)

    def _give_up(self, questions: list[Question], kind: Kind, reason: str) -> None:
        self._tell(len(questions))
        if not self._tally.give_up(len(questions), kind, reason):
            return
        n = self._tally.in_a_row[kind]
        if kind == "not reached":
            self._end(StanceError(self._not_reached(counted(n, "request"))))
        else:
            self._end(StanceError(f"{self._host}: {n} answers in a row {kind}, the last: {reason}. {GO_ON}"))

    def _not_reached(self, what: str) -> str:
        tries = counted(1 + self._patience.retries, "time")
        reason = self._tally.first_reason["not reached"]
        return f"{self._host}: no answer to {what}, each asked {tries}: {reason}. {GO_ON}"

    def _end(self, fault: StanceError) -> None:
        self._fault = self._fault or fault
        self._pace.end()

    def _tell(self, n_questions: int) -> None:
        self._n_done += n_questions
        self._progress(self._n_done)

    @property
    def _host(self) -> str:
        return self._client.address.host

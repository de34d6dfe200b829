"""How fast an endpoint is asked: few requests at once, and none while it asks to wait."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """How much is asked at once, and how long one goes on asking.

    Attributes:
        concurrency: requests under way at once, at most.
        retries: of a request that the endpoint cannot answer now.
        first_wait: seconds before the first retry, doubled for each further one.
        longest_wait: seconds that are waited at once; where the endpoint asks for more, the command ends.
        again: requests for an answer in place of one that is of no use.
    """

    concurrency: int = 4
    retries: int = 5
    first_wait: float = 0.5
    longest_wait: float = 300.0
    again: int = 2


class Pace:
    """Lets requests wait, until the end at most."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._ended = asyncio.Event()
        self._not_before = 0.0  # on the loop's clock; who is told to wait waits for all

    @property
    def has_ended(self) -> bool:
        """Whether no further request may be sent."""
        return self._ended.is_set()

    def end(self) -> None:
        """Let no further request be sent, and nobody wait."""
        self._ended.set()

    async def ready(self) -> None:
        """Wait while the endpoint asks to."""
        while not self.has_ended and (seconds := self._not_before - asyncio.get_running_loop().time()) > 0:
            await self._sleep(seconds)

    async def hold_off(self, n_failed: int, seconds: float | None) -> None:
        """Wait after so many failures in a row: the seconds that are asked for, else ever longer."""
        if seconds is None:
            await self._sleep(min(self._patience.longest_wait, self._patience.first_wait * 2 ** (n_failed - 1)))
        else:
            self._not_before = max(self._not_before, asyncio.get_running_loop().time() + seconds)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._ended.wait(), seconds)
        except TimeoutError:
            return

"""What stands before every request: who may ask, how much, and how long; each is counted."""

import asyncio
import contextlib
import hmac
import json
import time
from typing import Any

from pipeline.serve.metrics import Metrics
from pipeline.serve.settings import Limits

LINGER = 1.0  # seconds
OPEN = {"/healthz"}  # a probe has no key
Scope = dict[str, Any]


class Guard:
    """An ASGI layer around the application. `Authorization: Bearer KEY` or `X-API-Key: KEY` open it."""

    def __init__(self, app: Any, limits: Limits, key: str | None, metrics: Metrics) -> None:
        self._app, self._limits, self._key, self._metrics = app, limits, key, metrics

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def watched(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._passed(scope, receive, watched)
        finally:
            self._metrics.answered(scope["path"], status, time.monotonic() - began)

    async def _passed(self, scope: Scope, receive: Any, send: Any) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if self._key is not None and scope["path"] not in OPEN and not _is_key(headers, self._key):
            what = "no API key, or a wrong one. Send the header `Authorization: Bearer KEY`"
            await refuse(send, 401, what, {"www-authenticate": "Bearer"})
            return
        body, is_too_large = await _read(receive, headers, self._limits.n_bytes)
        if is_too_large:
            what = f"the request's body has more than {self._limits.n_bytes:,} bytes. Send it in parts"
            await refuse(send, 413, what, {"connection": "close"})
            return
        is_given, is_begun = False, False

        async def given() -> Any:
            nonlocal is_given
            if is_given:
                return await receive()  # that whoever asked has gone
            is_given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def noted(message: dict[str, Any]) -> None:
            nonlocal is_begun
            is_begun = True
            await send(message)

        try:
            await asyncio.wait_for(self._app(scope, given, noted), self._limits.seconds)
        except TimeoutError:
            if not is_begun:
                what = f"no answer within {self._limits.seconds:g} seconds. Ask for less at once, or again later"
                await refuse(send, 503, what, {"retry-after": "5"})


async def refuse(send: Any, status: int, error: str, headers: dict[str, str]) -> None:
    """Answer with a problem."""
    body = json.dumps({"error": error}).encode()
    described = {"content-type": "application/json", "content-length": str(len(body)), **headers}
    listed = [(name.encode(), value.encode()) for name, value in described.items()]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})


def _is_key(headers: dict[str, str], key: str) -> bool:
    given = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), key.encode())


async def _read(receive: Any, headers: dict[str, str], most: int) -> tuple[bytes, bool]:
    """The body, and whether it is too large; then no more of it is kept than is allowed."""
    said = headers.get("content-length", "")
    if said.isdigit() and int(said) > most:
        await _let_go(receive)
        return b"", True
    parts, n = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"", False
        parts.append(message.get("body", b""))
        n += len(parts[-1])
        if n > most:
            if message.get("more_body", False):
                await _let_go(receive)
            return b"", True
        if not message.get("more_body", False):
            return b"".join(parts), False


async def _let_go(receive: Any) -> None:
    """Take what is still coming for a moment, and keep none: who is cut off while sending may not read the answer."""

    async def rest() -> None:
        while (message := await receive())["type"] != "http.disconnect" and message.get("more_body", False):
            pass

    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(rest(), LINGER)

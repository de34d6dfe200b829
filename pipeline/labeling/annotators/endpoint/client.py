"""One request to an endpoint: its answer, or what kind of failure that was."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import openai

from pipeline.labeling.annotators.endpoint.address import KEY, Address
from pipeline.records import StanceError

WAITED_FOR = {408, 409, 425, 429}  # and whatever the server says of itself, from 500
SHOWN = 200  # characters of what a server says
OUT_OF_MONEY = "insufficient_quota"  # OpenAI's code for a 429 that no waiting ends


class UnavailableError(Exception):
    """The endpoint cannot answer now; it may later.

    Attributes:
        wait: seconds that it asks to wait; None: it does not say.
        is_busy: whether it only has too many requests.
    """

    def __init__(self, reason: str, wait: float | None = None, *, is_busy: bool = False) -> None:
        super().__init__(reason)
        self.wait = wait
        self.is_busy = is_busy


class DeclinedError(Exception):
    """The endpoint does not answer just this request, now or later."""


@dataclass(frozen=True)
class Reply:
    """What an endpoint answered.

    Attributes:
        text: of the answer; of one that declines, its reason.
        n_tokens: that it took; None: the server does not say.
    """

    text: str
    n_tokens: int | None


@dataclass(frozen=True)
class Sampling:
    """What model answers, and how.

    Attributes:
        model: its name there.
        temperature: 0 for the likeliest answer; None: what the server takes.
        seconds: until an answer is given up.
    """

    model: str
    temperature: float | None = None
    seconds: float = 60.0


class Client:
    """Sends requests, one try each. To be used in one event loop, and closed in it."""

    def __init__(self, address: Address, sampling: Sampling, schema: Mapping[str, Any]) -> None:
        self.address = address
        self.sampling = sampling
        self._openai = openai.AsyncOpenAI(
            api_key=address.key,
            base_url=address.url,
            max_retries=0,
            timeout=sampling.seconds,
            http_client=openai.DefaultAsyncHttpxClient(
                follow_redirects=False,  # no sentence goes where none was sent
                trust_env=not address.is_here,  # nor by a proxy to where this machine itself is meant
            ),
        )
        self._further: dict[str, Any] = {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)},
            }
        }
        if sampling.temperature is not None:
            self._further["temperature"] = sampling.temperature

    async def ask(self, messages: Sequence[Mapping[str, str]]) -> Reply:
        """The answer to one request.

        Raises:
            StanceError: no request can succeed: the key is wrong, or there is no such model.
            UnavailableError: this one could succeed later.
            DeclinedError: this one cannot.
        """
        sent: Any = list(messages)
        create = self._openai.chat.completions.with_raw_response.create
        try:
            async with asyncio.timeout(self.sampling.seconds):
                response = await create(model=self.sampling.model, messages=sent, **self._further)
            return _reply(response.content)
        except (TimeoutError, openai.APITimeoutError):
            raise UnavailableError(f"no answer within {self.sampling.seconds:g} seconds") from None
        except openai.APIConnectionError as error:
            raise UnavailableError(self.printed(f"no connection: {error.__cause__ or error}")) from None
        except openai.APIStatusError as error:
            raise self._failure(error) from None
        except ValueError as error:
            raise UnavailableError(self.printed(f"not an answer: {error}")) from None

    async def close(self) -> None:
        """End its connections."""
        await self._openai.close()

    def _failure(self, error: openai.APIStatusError) -> Exception:
        status, host = error.status_code, self.address.host
        told = self.printed(f"{status}: {_message(error)}")
        if status in {401, 403}:
            return StanceError(self._about_key(status))
        if status == 404:
            return StanceError(
                f'{host}: no model "{self.sampling.model}" there, or nothing at this address ({told}). Check --model '
                "and --url"
            )
        if 300 <= status < 400:
            return StanceError(f"{host}: sends requests on to another address ({status}). Name that one: --url")
        if error.code == OUT_OF_MONEY:
            return StanceError(
                f"{host}: the account's quota is spent ({status}). Add to it, and give the command again"
            )
        if status in WAITED_FOR or status >= 500:
            wait = _seconds_to_wait(error.response.headers.get("retry-after"))
            return UnavailableError(told, wait, is_busy=status == 429)
        return DeclinedError(told)

    def _about_key(self, status: int) -> str:
        if self.address.has_key:
            return f"{self.address.host}: does not accept the key in {KEY} ({status}). Set one that it knows"
        return f"{self.address.host}: wants a key ({status}). Set {KEY}"

    def printed(self, text: str) -> str:
        """A stranger's text as it may be shown: on one line, without the key, and cut."""
        return " ".join(self.address.without_key(text).split())[:SHOWN].rstrip(".") or "nothing"


def _reply(content: bytes) -> Reply:
    """What of a completion counts, read by hand: servers leave parts out, or send something else altogether.

    Raises:
        ValueError: it is no completion.
    """
    try:
        completion = json.loads(content)
        message = completion["choices"][0]["message"]
        text = message.get("content") or message.get("refusal") or ""
        usage = completion.get("usage") or {}
        n_tokens = usage.get("total_tokens")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ValueError(content.decode(errors="replace")) from None
    return Reply(str(text), n_tokens if type(n_tokens) is int and n_tokens >= 0 else None)


def _message(error: openai.APIStatusError) -> str:
    body = error.body
    told = body.get("message") if isinstance(body, dict) else body
    return str(told or error.message)


def _seconds_to_wait(header: str | None) -> float | None:
    """What Retry-After says, in seconds or as a date; None where it says nothing."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # no date; or one without a time zone
        return None

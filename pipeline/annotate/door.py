"""What stands before the page: which names the server answers to, whose pages may write, and who has the key."""

import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipeline.serve.guard import refuse

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
EVERY = {"0.0.0.0", "::"}  # noqa: S104 (to tell what the user chose, not to listen there)
COOKIE = "stance-key"
OPEN = {"/page.css"}  # the page that asks for the key is drawn with it
READS = {"GET", "HEAD"}
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
Scope = dict[str, Any]


class Door:
    """An ASGI layer around the guard: a key given once as `?key=KEY` becomes a cookie, which opens as the key does.

    Args:
        app: what is guarded.
        host: that the server listens at.
        key: that a request has to bring; None: none.
        asks_for_key: the page that does, for somebody without one; with a word on a wrong one.
    """

    def __init__(self, app: Any, host: str, key: str | None, asks_for_key: Callable[[str], str]) -> None:
        self._app, self._host, self._key, self._asks_for_key = app, host.lower(), key, asks_for_key
        self._names = LOOPBACK | {self._host, socket.gethostname().lower()}

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._passed(scope, receive, _with_headers(send))

    async def _passed(self, scope: Scope, receive: Any, send: Any) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if not self._is_ours(host):
            await refuse(send, 403, f'this server does not answer to "{host}". Use the address that it printed', {})
        elif scope["method"] not in READS and _netloc(headers.get("origin", "")) != host.lower():
            await refuse(send, 403, "only this server's own page may write. Use that", {})
        elif self._key is None:
            await self._app(scope, receive, send)
        else:
            await self._with_key(scope, headers, receive, send)

    async def _with_key(self, scope: Scope, headers: dict[str, str], receive: Any, send: Any) -> None:
        key = self._key or ""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("key", [])
        if scope["path"] == "/" and given:
            if hmac.compare_digest(given[0].encode(), key.encode()):
                await _redirect(send, f"{COOKIE}={_ticket(key)}; HttpOnly; SameSite=Strict; Path=/")
            else:
                await _answer(send, 401, self._asks_for_key("That is not the key. Try again"))
            return
        if scope["path"] in OPEN or hmac.compare_digest(_cookie(headers), _ticket(key)):
            scope = {**scope, "headers": [*scope["headers"], (b"x-api-key", key.encode("latin-1", "replace"))]}
        elif scope["path"] == "/" and "x-api-key" not in headers and "authorization" not in headers:
            await _answer(send, 401, self._asks_for_key(""))
            return
        await self._app(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        """Whether the name was not made up by a stranger's page to reach this machine through the browser."""
        name = _name(host)
        return name in self._names or (self._host in EVERY and _is_address(name))


def _ticket(key: str) -> str:
    """What the cookie holds: it opens this server, and does not tell the key."""
    return hmac.new(key.encode(), b"stance label serve", hashlib.sha256).hexdigest()


def _cookie(headers: dict[str, str]) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found and found.value.isascii() else ""


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _with_headers(send: Any) -> Any:
    async def sent(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            further = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", []), *further]}
        await send(message)

    return sent


async def _redirect(send: Any, cookie: str) -> None:
    headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _answer(send: Any, status: int, page: str) -> None:
    body = page.encode()
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

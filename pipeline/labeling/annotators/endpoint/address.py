"""Where an endpoint is, and the key that it wants; the key comes from the environment and goes nowhere else."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pipeline.records import StanceError

KEY, URL = "OPENAI_API_KEY", "OPENAI_BASE_URL"
DEFAULT_URL = "https://api.openai.com/v1"
PLACEHOLDER = "none"  # for servers that want no key, where the client wants one


@dataclass(frozen=True)
class Address:
    """An endpoint.

    Attributes:
        url: that requests go below, as ``http://localhost:8000/v1``.
        host: that gets them, with its port if it names one.
        is_here: whether that is this machine.
        is_encrypted: whether nobody between can read them.
        key: that is sent along; left out where an address is printed.
    """

    url: str
    host: str
    is_here: bool
    is_encrypted: bool
    key: str = field(repr=False)

    @property
    def has_key(self) -> bool:
        """Whether a key was given."""
        return self.key != PLACEHOLDER

    def without_key(self, text: str) -> str:
        """The text with the key taken out: a server may send it back."""
        return text.replace(self.key, "[key]") if self.has_key else text


def find_address(url: str | None, environment: Mapping[str, str]) -> Address:
    """The endpoint that an option or the environment names.

    Raises:
        StanceError: neither does, or what they give cannot be an address or a key.
    """
    key, named = environment.get(KEY, "").strip(), url or environment.get(URL, "").strip()
    if not key and not named:
        raise StanceError(
            f"no endpoint: name a server with --url or {URL}, such as http://localhost:8000/v1, or set {KEY} to ask "
            "OpenAI's"
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise StanceError(f"{KEY}: holds what no key does: spaces, line ends or letters beyond ASCII. Set it anew")
    return _parsed(named or DEFAULT_URL, key or PLACEHOLDER, "--url" if url else URL)


def _parsed(url: str, key: str, place: str) -> Address:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise StanceError(f"{place}: not an address: {error}. Give one such as http://localhost:8000/v1") from None
    if parts.username is not None or parts.password is not None:
        raise StanceError(f"{place}: holds a password, which would be shown. Set {KEY} instead")
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise StanceError(
            f"{place}: {url.partition('?')[0]}: not an address. Give one such as http://localhost:8000/v1"
        )
    shown = f"[{host}]" if ":" in host else host
    return Address(url, f"{shown}:{port}" if port else shown, _is_loopback(host), parts.scheme == "https", key)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

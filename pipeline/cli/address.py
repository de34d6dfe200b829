"""Where the servers of the command line listen."""

import os

from rich.console import Console

from pipeline.cli.console import say
from pipeline.records import StanceError

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def check_free(host: str, port: int) -> None:
    """Make sure that the address can be listened at, before anything is loaded.

    Raises:
        StanceError: it cannot.
    """
    import socket

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise StanceError(
            f"--host {host} --port {port}: cannot listen there: {error.strerror or error}. Name another port or host"
        ) from None


def url_of(host: str, port: int) -> str:
    """The address as browsers take it, without a slash at its end."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def warn_if_open(host: str, key_name: str, key: str | None, console: Console) -> None:
    """Say so where others can reach the server and no key keeps them out."""
    if host not in LOOPBACK and key is None:
        say(
            console,
            f"anybody who reaches {host} can ask: set {key_name} in the environment to ask for a key",
            style="yellow",
        )


def key_from(variable: str) -> str | None:
    """The key that requests have to bring; None where the environment holds none.

    Raises:
        StanceError: it holds characters that a header cannot carry.
    """
    key = os.environ.get(variable) or None
    if key is not None and not (key.isascii() and key.isprintable()):
        raise StanceError(
            f"{variable}: the key has characters beyond ASCII, which no request can bring. Choose another"
        )
    return key

"""Where the command line writes: results to standard output, progress and complaints to standard error.

Of several processes only the leader speaks; all complain.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from pipeline.store.leader import is_leader

WIDTH_OF_A_FILE = 140  # columns where the output is no terminal, so that tables are not cut
INTERRUPTED = 130
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed


def output() -> Console:
    """For what was asked for."""
    return _console(to_stderr=False, quiet=not is_leader())


def progress() -> Console:
    """For what happens meanwhile."""
    return _console(to_stderr=True, quiet=not is_leader())


def printable(text: str) -> str:
    """The text without characters that steer a terminal: what is shown may be a stranger's."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def say(console: Console, text: str, *, style: str | None = None) -> None:
    """Print a text as it is: nothing in it is markup, nothing steers the terminal, and no line is cut."""
    console.print(printable(text), style=style, markup=False, highlight=False, soft_wrap=True)


def complain(message: str) -> None:
    """Write a user's error."""
    console = _console(to_stderr=True, quiet=False)
    console.print("error: ", style="bold red", end="", highlight=False)
    say(console, message)


@contextmanager
def interruptible(remedy: str) -> Iterator[None]:
    """End with one line and exit code 130 when somebody presses Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        complain(f"interrupted; {remedy}")
        raise typer.Exit(INTERRUPTED) from None


def _console(*, to_stderr: bool, quiet: bool) -> Console:
    console = Console(stderr=to_stderr, quiet=quiet)
    return console if console.is_terminal else Console(stderr=to_stderr, quiet=quiet, width=WIDTH_OF_A_FILE)

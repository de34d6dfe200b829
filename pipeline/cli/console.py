"""Where the command line writes: results to standard output, progress and complaints to standard error."""

from rich.console import Console

WIDTH_OF_A_FILE = 140  # columns where the output is no terminal, so that tables are not cut


def output() -> Console:
    """For what was asked for."""
    return _console(to_stderr=False)


def progress() -> Console:
    """For what happens meanwhile."""
    return _console(to_stderr=True)


def complain(message: str) -> None:
    """Write a user's error."""
    console = progress()
    console.print("error: ", style="bold red", end="", highlight=False)
    console.print(message, markup=False, highlight=False, soft_wrap=True)


def _console(*, to_stderr: bool) -> Console:
    console = Console(stderr=to_stderr)
    return console if console.is_terminal else Console(stderr=to_stderr, width=WIDTH_OF_A_FILE)

"""`stance label serve`: sentences to label, in the browser."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.address import check_free, key_from, url_of, warn_if_open
from pipeline.cli.console import progress, say
from pipeline.cli.label.reading import reading
from pipeline.cli.options import CODEBOOK, As, CodebookFile, ReadAs, SkipBad, TextColumn
from pipeline.records import counted

PATIENCE = 20.0  # seconds until the browser is not opened after all


def add_to(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command()(serve)


def serve(  # noqa: PLR0917 (typer calls it by name)
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="FILES", help="A list to label, or any table of sentences.", show_default=False),
    ],
    votes: Annotated[Path, typer.Option(metavar="FOLDER", help="The table of votes that answers are added to.")],
    host: Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0: every one of this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at.")] = 8010,
    opens: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser, where there is a display.")] = True,
    hide_suggestions: Annotated[
        bool, typer.Option("--hide-suggestions", help="Do not show what a model says: it sways people.")
    ] = False,
    codebook: CodebookFile = CODEBOOK,
    read_as: ReadAs = As.sentences,
    text_column: TextColumn = "text",
    skip_bad: SkipBad = False,
) -> None:
    """Label sentences in the browser, on this machine only unless --host says otherwise, until Ctrl-C.

    Everybody enters a name and sees only their own answers; each is on the disk before the next sentence shows. With
    STANCE_API_KEY in the environment, the page asks for that key once.
    Example: stance label serve worklist.jsonl --votes labels/votes
    """
    from pipeline.annotate import Ledger, make_app
    from pipeline.codebook import load_codebook
    from pipeline.labeling.worklist import read_items
    from pipeline.serve import KEY
    from pipeline.serve import serve as answer
    from pipeline.votes import VoteTable
    from pipeline.votes.alone import alone

    console, key = progress(), key_from(KEY)
    check_free(host, port)
    book = load_codebook(codebook)
    items = read_items(inputs, reading(text_column, read_as, skip_bad=skip_bad))
    with alone(votes):
        table = VoteTable(votes)
        table.compact()
        ledger = Ledger(items, list(book.labels), table)
        say(console, f"{counted(len(items), 'sentence')} to label; answers go to {votes}")
        say(console, f"{url_of(host, port)}  (Ctrl-C ends it)")
        warn_if_open(host, KEY, key, console)
        if opens:
            _open_browser(host, port)
        try:
            answer(make_app(ledger, book, str(votes), host, key, suggests=not hide_suggestions), host, port)
        finally:
            table.compact()


def _open_browser(host: str, port: int) -> None:
    """Open the page when the server answers, where there is a display."""
    import os
    import sys
    import threading
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return

    def when_ready() -> None:
        if _answers(host, port):
            webbrowser.open(url_of(host, port))

    threading.Thread(target=when_ready, daemon=True).start()


def _answers(host: str, port: int) -> bool:
    """Whether the server takes connections, within a while."""
    import socket
    import time

    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with socket.create_connection((host, port), timeout=1):
                return True
        except OSError:
            time.sleep(0.1)
    return False

"""The head of a list of sentences that wait for a label, shown."""

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from pipeline.cli.console import printable, say

if TYPE_CHECKING:
    from pipeline.labeling.worklist import Item

SHOWN = 10
LONGEST = 90  # characters of a sentence


def show_items(items: "list[Item]", title: str, console: Console) -> None:
    """The first of them: which, what it says, and why it is there."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("sentence", "text", "why"):
        table.add_column(name)
    for item in items[:SHOWN]:
        text = item.sentence.text
        shown = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        table.add_row(*map(printable, (item.sentence.id, shown, item.why)))
    console.print(table)
    if len(items) > SHOWN:
        say(console, f"… and {len(items) - SHOWN} more")

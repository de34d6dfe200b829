"""Unreadable rows: the first stops the work, or they are counted and left out."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.config.ingest import OnBadRow
from pipeline.records import StanceError

KEPT = 100


@dataclass
class BadRows:
    """What to do with rows and files that cannot be read.

    Attributes:
        policy: fail raises at the first; skip counts.
        n_skipped: how many were left out.
        messages: what was wrong with the first hundred.
        listener: told what is wrong with each.
    """

    policy: OnBadRow = "fail"
    n_skipped: int = 0
    messages: list[str] = field(default_factory=list)
    listener: Callable[[str], None] | None = None

    def report(self, message: str) -> None:
        """Take note of a bad row.

        Raises:
            StanceError: the policy is to fail; the message says so and how to go on.
        """
        if self.policy == "fail":
            raise StanceError(f"{message}. Mend it, or leave such rows out with --skip-bad (on_bad_row: skip)")
        self.n_skipped += 1
        if self.listener is not None:
            self.listener(message)
        if len(self.messages) < KEPT:
            self.messages.append(message)

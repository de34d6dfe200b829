"""Which of several processes writes and speaks."""

import os


def is_leader() -> bool:
    """Whether this process does: of those that torchrun starts, the first; else always."""
    return int(os.environ.get("RANK", "0")) == 0

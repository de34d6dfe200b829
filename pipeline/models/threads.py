"""How many threads to compute with."""

import os

ASKED = "OMP_NUM_THREADS"  # the name that torch and numpy listen to


def n_threads() -> int:
    """What ``OMP_NUM_THREADS`` says, else the processors that this process may use."""
    asked = os.environ.get(ASKED, "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

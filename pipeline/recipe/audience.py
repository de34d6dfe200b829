"""Who is told what while a run goes on."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.records import Listener, ignore
from pipeline.store.run_folder import Narrator


@dataclass(frozen=True)
class Audience:
    """Who is told what while a run goes on.

    Attributes:
        narrator: of stages that start, end, or are skipped.
        listener: of training's moments.
        progress: of long work: what it is, how much is done, and how much there is (0: not known).
        note: of what is left out, and why.
    """

    narrator: Narrator = field(default_factory=Narrator)
    listener: Listener = ignore
    progress: Callable[[str, int, int], None] = lambda what, done, total: None
    note: Callable[[str], None] = lambda message: None

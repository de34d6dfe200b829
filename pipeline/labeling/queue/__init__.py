"""What to label next: sentences of a pool, each chosen for a reason, no two of them nearly the same.

`gather` makes a `pool` of sentences and what is known of them, `ways` order it, `choose` mixes the ways.
"""

from pipeline.labeling.queue.choose import Chosen, choose
from pipeline.labeling.queue.gather import gather
from pipeline.labeling.queue.pool import Pool, alike
from pipeline.labeling.queue.ways import WAYS, Way

__all__ = ["WAYS", "Chosen", "Pool", "Way", "alike", "choose", "gather"]

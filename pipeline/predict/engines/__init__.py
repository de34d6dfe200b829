"""What answers windows of sentences, in order: `here`, in `processes` of this machine, or over a `cluster` by Ray.

All give the same to the last digit that is written. `choose` takes the one that is asked for.
"""

from pipeline.predict.engines.choose import EngineName, EngineSettings, answers_of

__all__ = ["EngineName", "EngineSettings", "answers_of"]

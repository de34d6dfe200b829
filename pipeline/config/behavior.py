"""The `behavior` section: what a model should do whatever its score."""

from pathlib import Path

from pydantic import Field

from pipeline.config.base import Section


class BehaviorConfig(Section):
    """Pairs of sentences whose labels must differ, or stay; and sentences in which states trade places."""

    suites: Path | None = Field(
        None, description="Folder with flip.jsonl, invariance.jsonl and direction.jsonl. None: left out."
    )
    countries: Path | None = Field(
        None, description="Table of the states' names, for swapping them in the test part. None: left out."
    )
    swaps: int = Field(2, description="Times each sentence that names a state is swapped, with other states.", ge=1)

"""The `label` section: where a sentence's label comes from."""

from typing import Literal

from pydantic import Field

from pipeline.config.base import Section


class LabelConfig(Section):
    """Sentences to examples."""

    policy: Literal["gold", "rules", "gold_then_rules"] = Field(
        "gold_then_rules",
        description="gold: people's labels only. rules: the codebook's rules only. gold_then_rules: the rules "
        "label what people did not.",
    )
    abstained: Literal["drop", "background"] = Field(
        "drop",
        description="A sentence that neither gold nor a rule labels: drop leaves it out, background gives it the "
        "background label.",
    )

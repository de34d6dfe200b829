"""The `label` section: where a sentence's label comes from."""

from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from pipeline.config.base import Section

Policy = Literal["gold", "rules", "votes", "gold_then_rules", "gold_then_votes"]
Method = Literal["majority", "dawid_skene", "mace"]
METHODS: tuple[Method, ...] = get_args(Method)


class LabelConfig(Section):
    """Sentences to examples."""

    policy: Policy = Field(
        "gold_then_rules",
        description="gold: people's labels only. rules, votes: only the codebook's rules, or the table of votes. "
        "gold_then_rules, gold_then_votes: they label what people did not.",
    )
    abstained: Literal["drop", "background"] = Field(
        "drop",
        description="A sentence that nobody labels: drop leaves it out, background gives it the background label.",
    )
    votes: Path | None = Field(
        None,
        description="Folder of the table of votes, as `stance label serve`, `rules`, `model` and `import` fill it.",
    )
    method: Method = Field(
        "majority",
        description="How votes are put together. dawid_skene learns what each annotator mistakes for what, mace who "
        "guesses; both want dozens of votes of each.",
    )
    trust: Literal["people", "all"] = Field(
        "people", description="people: where people voted, only their votes count. all: rules' and models' as well."
    )

    @property
    def asks_gold(self) -> bool:
        """Whether the labels of the documents themselves are taken."""
        return self.policy.startswith("gold")

    @property
    def asks_rules(self) -> bool:
        """Whether the codebook's rules are asked."""
        return self.policy.endswith("rules")

    @property
    def asks_votes(self) -> bool:
        """Whether the table of votes is asked."""
        return self.policy.endswith("votes")

    @model_validator(mode="after")
    def _votes_lie_somewhere(self) -> Self:
        if self.asks_votes and self.votes is None:
            raise ValueError(f"policy {self.policy} asks the table of votes: name its folder under label.votes")
        if self.votes is not None and not self.asks_votes:
            raise ValueError(
                f"votes is {self.votes}, and policy {self.policy} does not ask it: set policy to gold_then_votes, or "
                "votes to null"
            )
        return self

"""What every section of the config shares: it is strict, frozen, and knows no other keys."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the config. Unknown keys, wrong types and infinite numbers are errors, never guesses."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

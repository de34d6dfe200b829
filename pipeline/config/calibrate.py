"""The `calibrate` section: what the validation part makes of a model's probabilities."""

from typing import Literal

from pydantic import Field

from pipeline.config.base import Section


class CalibrateConfig(Section):
    """Probabilities that mean what they say, and a model that says when it does not know."""

    method: Literal["temperature", "isotonic", "none"] = Field(
        "temperature",
        description="temperature: one number makes the model more or less sure. isotonic: a curve a label, for "
        "validation parts of thousands of sentences; it may change a label. none: the model's own probabilities.",
    )
    abstain: Literal["risk", "conformal", "none"] = Field(
        "risk",
        description="risk: abstains below the least probability that keeps the promise of max_error. conformal: "
        "abstains where more than one label, or none, could be right. none: never abstains.",
    )
    max_error: float = Field(
        0.1,
        description="risk: the most that may be wrong of the labels it does not abstain from. conformal: how often "
        "the true label may be missing among those that could be right.",
        gt=0,
        lt=1,
    )
    confidence: float = Field(0.95, description="risk: how surely the promise is to hold.", gt=0.5, lt=1)

"""What the page sends, and what it gets."""

from pydantic import BaseModel, ConfigDict, Field


class Asked(BaseModel):
    """Something that an annotator does with a sentence."""

    model_config = ConfigDict(extra="forbid", strict=True)

    annotator: str
    sentence_id: str


class AnswerIn(Asked):
    """An answer; see `ledger.Answer`."""

    label: str
    is_hard: bool = False
    revision: str = ""
    token: str = Field(min_length=8, max_length=64)
    stay: bool = Field(False, description="Whether the same sentence should be shown again, not the next one.")


class Standing(BaseModel):
    """The annotator's own answer to the sentence that is shown."""

    label: str
    is_hard: bool
    revision: str


class Shown(BaseModel):
    """A sentence."""

    id: str
    document: str
    position: int
    number: int = Field(description="Its place in the list, from 1.")
    text: str
    before: str
    after: str
    why: str
    suggestion: str | None
    score: float | None
    was_skipped: bool
    answer: Standing | None


class View(BaseModel):
    """All that the page shows to one annotator."""

    annotator: str
    n_sentences: int
    n_answered: int
    n_skipped: int
    n_hard: int
    counts: dict[str, int] = Field(description="Answers by label.")
    pace: float | None = Field(description="Sentences a minute, of late; null before there are enough.")
    shown: Shown | None = Field(description="Null when all are answered.")
    earlier: str | None = Field(description="The sentence answered before the one shown.")
    later: str | None = Field(description="The one answered after it; null: the one that waits.")

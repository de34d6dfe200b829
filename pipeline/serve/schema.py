"""What requests and answers look like; the OpenAPI page shows it."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.records import Prediction, Sentence


class DocumentIn(BaseModel):
    """A text to be split into sentences."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(description="The document, plain text.")
    id: str = Field("", description="Your name for it, given back.")


class Ask(BaseModel):
    """Sentences, or whole documents."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"sentences": ["We will answer any attack."]}]},
    )

    sentences: list[str] | None = Field(None, description="Each is one sentence.")
    documents: list[DocumentIn] | None = Field(None, description="Each is split into sentences.")
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")] = Field(
        "en", description="ISO 639-1 code, for the sentence boundaries of documents."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.sentences is None) == (self.documents is None):
            raise ValueError("give either sentences or documents")
        return self


class Labeled(BaseModel):
    """What the model says of a sentence."""

    text: str
    label: str = Field(description="The most probable label.")
    score: float = Field(description="Its probability.")
    abstain: bool = Field(description="Whether the model had better not be asked.")
    probabilities: dict[str, float] = Field(description="Of every label; they sum to 1.")

    @classmethod
    def of(cls, text: str, found: Prediction) -> Self:
        """From a prediction."""
        return cls(
            text=text, label=found.label, score=found.score, abstain=found.abstain, probabilities=found.probabilities
        )


class Placed(Labeled):
    """The same of a sentence in a document: `document[start:end]` is its text."""

    position: int = Field(description="Its place in the document, from 1.")
    start: int
    end: int

    @classmethod
    def at(cls, sentence: Sentence, found: Prediction) -> Self:
        """From a sentence and its prediction."""
        labeled = Labeled.of(sentence.text, found).model_dump()
        return cls(**labeled, position=sentence.position, start=sentence.start, end=sentence.end)


class DocumentOut(BaseModel):
    """A document's sentences, in order."""

    id: str
    sentences: list[Placed]


class Answer(BaseModel):
    """As was asked: sentences, or documents."""

    sentences: list[Labeled] | None = None
    documents: list[DocumentOut] | None = None


class Problem(BaseModel):
    """Why a request was refused."""

    error: str = Field(description="What is wrong, where, what was found, and what to do.")


class Health(BaseModel):
    """That the server answers, and with which model."""

    status: str
    kind: str
    labels: list[str]
    device: str
    model: str = Field(description="Hash of the model's card, which knows the hashes of its files.")
